using System.Collections.Frozen;
using Mesh.Server.Authentication.ApiKeys;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authentication;

/// <summary>
/// Turns <see cref="MeshAuthenticationOptions"/> into what requests are checked with, and hands the same to the next policy
/// that asks for the same: a reload costs neither fetches nor signatures.
/// </summary>
internal sealed class AuthenticationRegistry(IssuerRegistry issuers, IEnumerable<IApiKeyStore> stores, TimeProvider time, ILogger<ApiKeyAuthenticator> logger)
{
    private string? _fingerprint;
    private RequestAuthentication _current = null!;

    /// <summary>Called by one thread at a time, with options that are valid.</summary>
    public RequestAuthentication Use(MeshAuthenticationOptions options)
    {
        var fingerprint = string.Join('\0', [options.ApiKeys.Fingerprint, .. options.Jwt.Select(static issuer => issuer.Fingerprint)]);
        if (fingerprint == _fingerprint)
        {
            return _current;
        }

        _current = new RequestAuthentication(TokensOf(options), KeysOf(options.ApiKeys), ReservedFieldsOf(options));
        _fingerprint = fingerprint;
        return _current;
    }

    private TokenAuthenticator? TokensOf(MeshAuthenticationOptions options)
    {
        var rules = issuers.Use(options.Jwt);

        // In the order of configuration: the first token is who the caller is.
        var sources = options.Jwt.SelectMany(static issuer => issuer.Locations).Distinct().Select(location => new TokenSource(
            location,
            options.Jwt.Zip(rules).Where(pair => pair.First.Locations.Contains(location)).ToFrozenDictionary(
                static pair => pair.Second.Name,
                static pair => pair.Second,
                StringComparer.Ordinal),
            time)).ToArray();
        return sources.Length == 0 ? null : new TokenAuthenticator(sources);
    }

    // Of several stores the one that was registered last counts, as everywhere in dependency injection.
    private ApiKeyAuthenticator? KeysOf(ApiKeyAuthenticationOptions options) =>
        options.Secrets.Count == 0 ? null : new ApiKeyAuthenticator(options, stores.LastOrDefault(), time, logger);

    private static string[] ReservedFieldsOf(MeshAuthenticationOptions options) =>
        [.. options.Jwt.SelectMany(static issuer => issuer.OutputFields).Distinct(StringComparer.OrdinalIgnoreCase)];
}
