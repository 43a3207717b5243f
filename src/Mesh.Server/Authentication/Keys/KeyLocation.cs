namespace Mesh.Server.Authentication.Keys;

/// <summary>Where the keys of an issuer come from. Two policies that name the same place share its keys.</summary>
/// <param name="Issuer">The issuer.</param>
/// <param name="JwksUri">The address of the key set, or <see langword="null"/> to discover it.</param>
/// <param name="Jwks">The key set itself, or <see langword="null"/> to fetch it.</param>
internal sealed record KeyLocation(string Issuer, string? JwksUri, string? Jwks);
