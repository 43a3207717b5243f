using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Server.Authentication.Introspection;

/// <summary>Asks an introspection endpoint (RFC 7662, section 2). Size is bounded, redirects are not followed.</summary>
internal sealed class IntrospectionClient(IHttpClientFactory clients)
{
    public const string ClientName = "Mesh.Server.Introspection";
    public const int MaxBytes = 64 * 1024;

    /// <returns>The answer, as it came.</returns>
    /// <exception cref="HttpRequestException">The endpoint answered nothing, too much, or something else than 200.</exception>
    public async Task<byte[]> AskAsync(IntrospectionOptions options, string token, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        List<KeyValuePair<string, string>> form = [new("token", token), new("token_type_hint", "access_token")];
        switch (options.ClientAuthentication)
        {
            case ClientAuthentication.Basic:
                var credentials = $"{Uri.EscapeDataString(options.ClientId!)}:{Uri.EscapeDataString(options.ClientSecret!)}";
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials)));
                break;
            case ClientAuthentication.Post:
                form.Add(new("client_id", options.ClientId!));
                form.Add(new("client_secret", options.ClientSecret!));
                break;
            default:
                break;
        }

        request.Content = new FormUrlEncodedContent(form);
        using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return response.StatusCode == System.Net.HttpStatusCode.OK
            ? await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)
            : throw new HttpRequestException($"{options.Endpoint} answered {(int)response.StatusCode}.");
    }
}
