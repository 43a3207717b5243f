using System.Security.Claims;
using Mesh.Authorization;
using Mesh.Server.Authentication.Keys;

namespace Mesh.Server.Authentication;

/// <summary>A token that has passed every check, and until when that holds.</summary>
internal sealed class ValidatedToken : IExpiring
{
    private readonly ClaimsIdentity _identity;
    private readonly DateTimeOffset _expiresAt;

    public ValidatedToken(ClaimsIdentity identity, TokenClaims claims, string issuer, string? subject, DateTimeOffset expiresAt)
    {
        // Who the peer is was proved in the handshake; a token that says so too is not asked.
        foreach (var claim in identity.FindAll(static claim => claim.Type.StartsWith(MeshAuthenticationDefaults.OwnClaims, StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            identity.RemoveClaim(claim);
        }

        SplitScopes(identity);
        _identity = identity;
        Claims = claims;
        _expiresAt = expiresAt;
        Principal = string.IsNullOrEmpty(subject) ? null : $"{issuer}/{subject}";
    }

    /// <summary><c>{issuer}/{subject}</c>; <see langword="null"/> when the token has no subject.</summary>
    public string? Principal { get; }

    /// <summary>Its claims, for authorization documents.</summary>
    public TokenClaims Claims { get; }

    /// <summary>The certificate whose owner alone may use it.</summary>
    public byte[]? CertificateThumbprint { get; init; }

    /// <summary>The rule it was checked by; <see langword="null"/> when its issuer was asked.</summary>
    public JwtIssuer? Issuer { get; init; }

    /// <summary>The keys it was checked with.</summary>
    public KeySet? Keys { get; init; }

    /// <summary>The header fields in which the application gets its claims.</summary>
    public KeyValuePair<string, string>[] Fields { get; init; } = [];

    /// <summary>Whether the application gets the token itself.</summary>
    public bool IsForwarded => Issuer is null or { ForwardsToken: true };

    /// <summary>Whether it may be used again without a new check: before it expires, and while its issuer's keys are the same.</summary>
    public bool IsFresh(DateTimeOffset now) => now < _expiresAt && ReferenceEquals(Keys, Issuer?.Keys.Peek());

    /// <summary>A copy for one request: applications add claims to what they find in <c>HttpContext.User</c>.</summary>
    public ClaimsIdentity CreateIdentity() => _identity.Clone();

    // RFC 6749, 3.3: one text with spaces, of which no policy could require a part.
    private static void SplitScopes(ClaimsIdentity identity)
    {
        foreach (var claim in identity.FindAll(static claim => claim.Type == MeshAuthenticationDefaults.ScopeClaim && claim.Value.Contains(' ', StringComparison.Ordinal)).ToArray())
        {
            identity.RemoveClaim(claim);
            foreach (var scope in claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                identity.AddClaim(new Claim(claim.Type, scope, claim.ValueType, claim.Issuer));
            }
        }
    }
}
