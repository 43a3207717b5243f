using System.Collections.Frozen;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Authentication.Places;
using Mesh.Server.Authentication.Sessions;
using Mesh.Server.Authentication.Users;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authentication;

/// <summary>
/// Turns <see cref="MeshAuthenticationOptions"/> into what requests are checked with, and hands the same to the next policy
/// that asks for the same: a reload costs neither fetches nor signatures.
/// </summary>
internal sealed class AuthenticationRegistry(
    IssuerRegistry issuers,
    IntrospectionClient introspection,
    IEnumerable<IApiKeyStore> stores,
    IEnumerable<ICallerSessions> sessions,
    DirectUser directUser,
    TimeProvider time,
    ILogger<AuthenticationRegistry> logger)
{
    private string? _fingerprint;
    private RequestAuthentication _current = null!;

    /// <summary>Called by one thread at a time, with options that are valid.</summary>
    public RequestAuthentication Use(MeshAuthenticationOptions options)
    {
        var fingerprint = string.Join('\0', [options.ApiKeys.Fingerprint, options.Introspection.Fingerprint, .. options.Jwt.Select(static issuer => issuer.Fingerprint)]);
        if (fingerprint == _fingerprint)
        {
            return _current;
        }

        _current = new RequestAuthentication(TokensOf(options), KeysOf(options.ApiKeys), sessions.LastOrDefault(), ReservedFieldsOf(options.Jwt), directUser.IsInForce);
        _fingerprint = fingerprint;
        return _current;
    }

    private TokenAuthenticator? TokensOf(MeshAuthenticationOptions options)
    {
        var rules = issuers.Use(options.Jwt);
        var introspector = options.Introspection.Endpoint is null ? null : new TokenIntrospector(options.Introspection, introspection, time, logger);

        // In the order of configuration: the first token is who the caller is.
        var locations = options.Jwt.SelectMany(static issuer => issuer.Locations).Concat(introspector is null ? [] : [TokenLocation.Bearer]).Distinct();
        TokenSource[] sources = [.. locations.Select(location => new TokenSource(
            location,
            options.Jwt.Zip(rules).Where(pair => pair.First.Locations.Contains(location)).ToFrozenDictionary(
                static pair => pair.Second.Name,
                static pair => pair.Second,
                StringComparer.Ordinal),
            location == TokenLocation.Bearer ? introspector : null,
            time,
            logger))];
        return sources.Length == 0 ? null : new TokenAuthenticator(sources, time);
    }

    // Of several stores the one that was registered last counts, as everywhere in dependency injection.
    private ApiKeyAuthenticator? KeysOf(ApiKeyAuthenticationOptions options) =>
        options.Secrets.Count == 0 ? null : new ApiKeyAuthenticator(options, stores.LastOrDefault(), time, logger);

    private static string[] ReservedFieldsOf(List<JwtIssuerOptions> rules) =>
        [.. rules.SelectMany(static issuer => issuer.OutputFields).Distinct(StringComparer.OrdinalIgnoreCase)];
}
