using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Client.Retry;

namespace Mesh.Client.Tokens;

/// <summary>Asks token endpoints (RFC 6749, section 4.4; RFC 8693, section 2).</summary>
/// <remarks>
/// It uses the <see cref="HttpClient"/> named <see cref="ClientName"/>, so that an endpoint inside the mesh is called through the
/// mesh, and an application can give it a proxy or a private root. Time and size are bounded, redirects are not followed: the
/// secret goes to the place that was configured.
/// </remarks>
internal sealed class TokenEndpointClient(IHttpClientFactory clients, TimeProvider time)
{
    public const string ClientName = "Mesh.Client.Tokens";
    public const int MaxBytes = 64 * 1024;

    private const string JwtAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private const string Exchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <exception cref="TokenFetchException">It gave none.</exception>
    public async Task<AccessToken> AskAsync(TokenEndpointSettings settings, AccessTokenRequest wanted, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Endpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var form = FormOf(settings, wanted);
        await AuthenticateAsync(settings, request, form, cancellationToken).ConfigureAwait(false);
        request.Content = new FormUrlEncodedContent(form);
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK
                ? TokenAnswer.Read(body, settings, time.GetUtcNow())
                : throw TokenAnswer.Refused(response.StatusCode, body, settings, wanted.Caller is not null, RetryHint.Read(response, time.GetUtcNow()));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // An endpoint in the mesh has the time-outs of its own service.
            throw new TokenFetchException(new TokenFailure(TokenFailure.Unavailable, $"{settings.Name} did not answer in time: {exception.Message}") { Cause = exception });
        }
        catch (HttpRequestException exception)
        {
            throw new TokenFetchException(new TokenFailure(TokenFailure.Unavailable, $"{settings.Name} cannot be asked: {exception.Message}") { Cause = exception });
        }
    }

    private static List<KeyValuePair<string, string>> FormOf(TokenEndpointSettings settings, AccessTokenRequest wanted)
    {
        List<KeyValuePair<string, string>> form;
        if (settings.Exchanges && wanted.Caller is { } caller)
        {
            form = [new("grant_type", Exchange), new("subject_token", caller.Value), new("subject_token_type", settings.SubjectTokenType)];
            Add(form, "requested_token_type", settings.RequestedTokenType);
        }
        else
        {
            form = [new("grant_type", "client_credentials")];
        }

        Add(form, "scope", wanted.Scopes.Count > 0 ? string.Join(' ', wanted.Scopes) : null);
        Add(form, "audience", wanted.Audience);
        Add(form, "resource", wanted.Resource);
        return form;
    }

    private async Task AuthenticateAsync(TokenEndpointSettings settings, HttpRequestMessage request, List<KeyValuePair<string, string>> form, CancellationToken cancellationToken)
    {
        switch (settings.Authentication)
        {
            case ClientAuthentication.Basic:
                // Encoded as a form would be before they are joined (RFC 6749, 2.3.1): both may hold a colon.
                var secret = await SecretOfAsync(settings, cancellationToken).ConfigureAwait(false);
                var credentials = $"{WebUtility.UrlEncode(settings.ClientId)}:{WebUtility.UrlEncode(secret)}";
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials)));
                return;
            case ClientAuthentication.Post:
                Add(form, "client_secret", await SecretOfAsync(settings, cancellationToken).ConfigureAwait(false));
                break;
            case ClientAuthentication.PrivateKeyJwt:
                var pem = await SecretFile.ReadAsync(settings.PrivateKeyFile!, nameof(AccessTokenOptions.PrivateKeyFile), cancellationToken).ConfigureAwait(false);
                AddAssertion(form, ClientAssertion.Create(settings, pem, time.GetUtcNow()));
                break;
            case ClientAuthentication.AssertionFile:
                AddAssertion(form, await SecretFile.ReadAsync(settings.AssertionFile!, nameof(AccessTokenOptions.AssertionFile), cancellationToken).ConfigureAwait(false));
                break;
            default:
                break;
        }

        Add(form, "client_id", settings.ClientId);
    }

    private static async ValueTask<string> SecretOfAsync(TokenEndpointSettings settings, CancellationToken cancellationToken) =>
        settings.ClientSecret
        ?? await SecretFile.ReadAsync(settings.ClientSecretFile!, nameof(AccessTokenOptions.ClientSecretFile), cancellationToken).ConfigureAwait(false);

    private static void AddAssertion(List<KeyValuePair<string, string>> form, string assertion)
    {
        Add(form, "client_assertion_type", JwtAssertion);
        Add(form, "client_assertion", assertion);
    }

    private static void Add(List<KeyValuePair<string, string>> form, string name, string? value)
    {
        if (value is not null)
        {
            form.Add(new(name, value));
        }
    }
}
