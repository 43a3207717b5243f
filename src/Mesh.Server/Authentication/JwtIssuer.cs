using Mesh.Server.Authentication.Keys;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Server.Authentication;

/// <summary>One rule about one issuer's tokens: the compiled form of <see cref="JwtIssuerOptions"/>, with the keys that outlive it.</summary>
internal sealed class JwtIssuer(string name, string[] audiences, TimeSpan clockSkew, IssuerKeys keys)
{
    public string Name => name;

    public TimeSpan ClockSkew => clockSkew;

    public IssuerKeys Keys => keys;

    /// <summary>Whether a token that anybody could use is refused.</summary>
    public bool RequiresBinding { get; init; }

    /// <summary>Whether the application finds the token where its caller has put it.</summary>
    public bool ForwardsToken { get; init; } = true;

    /// <summary>The fields the application gets; <see langword="null"/> for none.</summary>
    public ClaimOutput? Output { get; init; }

    // Time is checked by TokenSource, whose clock can be a test's.
    public TokenValidationParameters Parameters(string algorithm, SecurityKey[] candidates) => new()
    {
        AuthenticationType = MeshAuthenticationDefaults.TokenAuthenticationType,
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
