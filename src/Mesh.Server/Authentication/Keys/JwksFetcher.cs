using System.Text.Json;

namespace Mesh.Server.Authentication.Keys;

/// <summary>Fetches the key set of an issuer, directly or by OpenID Connect discovery.</summary>
/// <remarks>
/// It uses the <see cref="HttpClient"/> named <see cref="ClientName"/>, so that an issuer inside the mesh is called through the
/// mesh, and an application can give it a proxy or a private root. Time and size are bounded, redirects are not followed:
/// keys come from the place that was configured.
/// </remarks>
internal sealed class JwksFetcher(IHttpClientFactory clients)
{
    public const string ClientName = "Mesh.Server.Jwks";
    public const int MaxBytes = 256 * 1024;

    public async Task<byte[]> FetchAsync(KeyLocation location, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        var address = location.JwksUri ?? await DiscoverAsync(client, location.Issuer, cancellationToken).ConfigureAwait(false);
        return await GetAsync(client, address, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string> DiscoverAsync(HttpClient client, string issuer, CancellationToken cancellationToken)
    {
        var document = await GetAsync(client, $"{issuer.TrimEnd('/')}/.well-known/openid-configuration", cancellationToken).ConfigureAwait(false);
        using var json = JsonDocument.Parse(document);
        var claimed = json.RootElement.GetProperty("issuer").GetString();
        if (claimed != issuer)
        {
            // OpenID Connect Discovery 1.0, 4.3: the document of another issuer must not be used.
            throw new InvalidDataException($"The discovery document is that of '{claimed}'.");
        }

        var address = json.RootElement.GetProperty("jwks_uri").GetString();
        return JwtIssuerOptions.IsTrustworthy(address)
            ? address!
            : throw new InvalidDataException($"The discovery document names '{address}', which is neither https nor on this machine.");
    }

    private static async Task<byte[]> GetAsync(HttpClient client, string address, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(new Uri(address), cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{address} answered {(int)response.StatusCode}.");
        }

        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }
}
