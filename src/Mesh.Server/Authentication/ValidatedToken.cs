using System.Security.Claims;
using Mesh.Authorization;

namespace Mesh.Server.Authentication;

/// <summary>A token that has passed every check, and until when that holds.</summary>
internal sealed class ValidatedToken
{
    private readonly ClaimsIdentity _identity;

    private readonly JwtIssuer _issuer;
    private readonly KeySet _keys;
    private readonly DateTimeOffset _expiresAt;

    public ValidatedToken(ClaimsIdentity identity, TokenClaims claims, TokenEnvelope envelope, JwtIssuer issuer, KeySet keys)
    {
        // Who the peer is was proved in the handshake; a token that says so too is not asked.
        foreach (var claim in identity.FindAll(MeshAuthenticationDefaults.PeerClaim).ToArray())
        {
            identity.RemoveClaim(claim);
        }

        _identity = identity;
        Claims = claims;
        _issuer = issuer;
        _keys = keys;
        _expiresAt = envelope.ExpiresAt;
        Principal = string.IsNullOrEmpty(envelope.Subject) ? null : $"{envelope.Issuer}/{envelope.Subject}";
    }

    /// <summary><c>{issuer}/{subject}</c>; <see langword="null"/> when the token has no subject.</summary>
    public string? Principal { get; }

    /// <summary>Its claims, for authorization documents.</summary>
    public TokenClaims Claims { get; }

    /// <summary>Whether it may be used again without a new check: before its <c>exp</c>, and while its issuer's keys are the same.</summary>
    public bool IsFresh(DateTimeOffset now) => now < _expiresAt && ReferenceEquals(_keys, _issuer.Keys.Peek());

    /// <summary>A copy for one request: applications add claims to what they find in <c>HttpContext.User</c>.</summary>
    public ClaimsIdentity CreateIdentity() => _identity.Clone();
}
