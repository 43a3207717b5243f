using Mesh.Identity;

namespace Mesh.Spiffe;

/// <summary>A token that says who this process is, for peers that cannot be reached with mutual TLS.</summary>
/// <param name="Token">The token: what goes behind <c>Bearer</c>. A secret while it lives.</param>
/// <param name="Id">Whose it is.</param>
/// <param name="ExpiresAt">When it expires.</param>
public sealed record JwtSvid(string Token, SpiffeId Id, DateTimeOffset ExpiresAt)
{
    /// <summary>Whose it is and until when, without the token itself.</summary>
    public override string ToString() => $"JWT-SVID of {Id} until {ExpiresAt:u}";
}
