using System.Security.Claims;

namespace Mesh.Server.Authentication;

/// <summary>A token that has passed every check, and until when that holds.</summary>
internal sealed class ValidatedToken
{
    private readonly ClaimsIdentity _identity;

    public ValidatedToken(ClaimsIdentity identity, string issuer, string? subject, DateTimeOffset expiresAt, KeySet keys)
    {
        _identity = identity;
        Principal = string.IsNullOrEmpty(subject) ? null : $"{issuer}/{subject}";
        ExpiresAt = expiresAt;
        Keys = keys;
    }

    /// <summary><c>{issuer}/{subject}</c>; <see langword="null"/> when the token has no subject.</summary>
    public string? Principal { get; }

    /// <summary>The time in <c>exp</c>, without clock skew.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The key set it was validated with.</summary>
    public KeySet Keys { get; }

    /// <summary>A copy for one request: applications add claims to what they find in <c>HttpContext.User</c>.</summary>
    public ClaimsIdentity CreateIdentity() => _identity.Clone();
}
