using System.Collections.Frozen;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authentication;

/// <summary>
/// Turns issuer options into a <see cref="TokenAuthenticator"/>, and hands the same one, or at least the same keys, to the
/// next policy that asks for them: a reload costs neither fetches nor signatures.
/// </summary>
internal sealed partial class IssuerRegistry(JwksFetcher fetcher, TimeProvider time, ILogger<IssuerRegistry> logger)
{
    private Dictionary<KeyLocation, IssuerKeys> _keys = [];
    private string _fingerprint = "";
    private TokenAuthenticator? _authenticator;

    /// <summary>The authenticator for these issuers; <see langword="null"/> for none. Called by one thread at a time.</summary>
    public TokenAuthenticator? Use(List<JwtIssuerOptions> options)
    {
        var fingerprint = Fingerprint(options);
        if (fingerprint == _fingerprint)
        {
            return _authenticator;
        }

        var keys = new Dictionary<KeyLocation, IssuerKeys>();
        var issuers = new Dictionary<string, JwtIssuer>(StringComparer.Ordinal);
        foreach (var issuer in options)
        {
            var location = new KeyLocation(issuer.Issuer!, issuer.JwksUri, issuer.Jwks);
            keys[location] = _keys.GetValueOrDefault(location) ?? new IssuerKeys(location, fetcher, time, logger);
            issuers[issuer.Issuer!] = new JwtIssuer(issuer.Issuer!, [.. issuer.Audiences], issuer.ClockSkew, keys[location]);
            if (issuer.Audiences.Count == 0)
            {
                Log.AnyAudience(logger, issuer.Issuer!);
            }
        }

        _keys = keys;
        _fingerprint = fingerprint;
        _authenticator = issuers.Count == 0 ? null : new TokenAuthenticator(issuers.ToFrozenDictionary(StringComparer.Ordinal), time);
        return _authenticator;
    }

    private static string Fingerprint(List<JwtIssuerOptions> options) => string.Join('\0', options.Select(static issuer =>
        string.Join('\u0001', [issuer.Issuer, issuer.JwksUri, issuer.Jwks, issuer.ClockSkew.ToString(), .. issuer.Audiences])));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No audience is configured for tokens of {Issuer}: those it issues to other services are accepted too.")]
        public static partial void AnyAudience(ILogger logger, string issuer);
    }
}
