namespace Mesh.Identity;

/// <summary>A public key that signs JWT-SVIDs of a trust domain.</summary>
/// <param name="KeyId">Its <c>kid</c>.</param>
/// <param name="Jwk">The key as the bundle has it: a JSON Web Key (RFC 7517), without private members.</param>
public sealed record JwtAuthority(string KeyId, string Jwk);
