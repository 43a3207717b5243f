using Microsoft.IdentityModel.Tokens;

namespace Mesh.Server.Authentication;

/// <summary>One accepted issuer: the compiled form of <see cref="JwtIssuerOptions"/>, with the keys that outlive it.</summary>
internal sealed class JwtIssuer(string name, string[] audiences, TimeSpan clockSkew, IssuerKeys keys)
{
    public string Name => name;

    public TimeSpan ClockSkew => clockSkew;

    public IssuerKeys Keys => keys;

    // Time is checked by TokenAuthenticator, whose clock can be a test's.
    public TokenValidationParameters Parameters(string algorithm, SecurityKey[] candidates) => new()
    {
        AuthenticationType = MeshAuthenticationDefaults.AuthenticationScheme,
        IssuerSigningKeys = candidates,
        NameClaimType = "sub",
        RequireSignedTokens = true,
        RoleClaimType = "roles",
        ValidAlgorithms = [algorithm],
        ValidAudiences = audiences,
        ValidIssuer = name,
        ValidateAudience = audiences.Length > 0,
        ValidateLifetime = false,
    };
}
