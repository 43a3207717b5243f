using Mesh.Server.Authentication.Keys;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authentication;

/// <summary>Turns issuer options into rules, and gives the next rules for an issuer the keys of the last.</summary>
internal sealed partial class IssuerRegistry(JwksFetcher fetcher, TimeProvider time, ILogger<IssuerRegistry> logger)
{
    private Dictionary<KeyLocation, IssuerKeys> _keys = [];

    /// <summary>The rules, one for each of <paramref name="options"/>. Called by one thread at a time.</summary>
    public JwtIssuer[] Use(List<JwtIssuerOptions> options)
    {
        var keys = new Dictionary<KeyLocation, IssuerKeys>();
        var rules = new JwtIssuer[options.Count];
        for (var i = 0; i < rules.Length; i++)
        {
            var rule = options[i];
            var location = new KeyLocation(rule.Issuer!, rule.JwksUri, rule.Jwks);
            if (!keys.TryGetValue(location, out var known))
            {
                keys[location] = known = _keys.GetValueOrDefault(location) ?? new IssuerKeys(location, fetcher, time, logger);
            }

            rules[i] = new JwtIssuer(rule.Issuer!, [.. rule.Audiences], rule.ClockSkew, known)
            {
                RequiresBinding = rule.RequireCertificateBinding,
                ForwardsToken = rule.ForwardOriginalToken,
                Output = rule.OutputFields.Any() ? new ClaimOutput([.. rule.OutputClaimToHeaders], rule.OutputPayloadToHeader) : null,
            };
            if (rule.Audiences.Count == 0)
            {
                Log.AnyAudience(logger, rule.Issuer!);
            }
        }

        _keys = keys;
        return rules;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No audience is configured for tokens of {Issuer}: those it issues to other services are accepted too.")]
        public static partial void AnyAudience(ILogger logger, string issuer);
    }
}
