using System.Security.Claims;
using Mesh.Authorization;

namespace Mesh.Server.Authentication.Sessions;

/// <summary>The session of a browser whose user has logged in. Immutable.</summary>
public sealed class CallerSession
{
    private readonly ClaimsIdentity _identity;

    /// <summary>Creates it.</summary>
    /// <param name="issuer">Who has vouched for the user; not empty.</param>
    /// <param name="subject">The user, as the issuer calls it; not empty.</param>
    /// <param name="claims">What the issuer has said about the user.</param>
    public CallerSession(string issuer, string subject, TokenClaims claims)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        ArgumentException.ThrowIfNullOrEmpty(subject);
        ArgumentNullException.ThrowIfNull(claims);
        Principal = $"{issuer}/{subject}";
        Claims = claims;
        _identity = new ClaimsIdentity(
            [new Claim("sub", subject, ClaimValueTypes.String, issuer)],
            MeshAuthenticationDefaults.SessionAuthenticationType,
            "sub",
            "roles");
        AddText("name", issuer);
        AddText("email", issuer);
        AddText("roles", issuer);
        AddText("groups", issuer);
        AddText(MeshAuthenticationDefaults.ScopeClaim, issuer);
    }

    /// <summary><c>{issuer}/{subject}</c>: what documents call the request principal.</summary>
    public string Principal { get; }

    /// <summary>What the issuer has said about the user.</summary>
    public TokenClaims Claims { get; }

    internal ClaimsIdentity CreateIdentity() => _identity.Clone();

    private void AddText(string name, string issuer)
    {
        foreach (var text in Claims.Find(name))
        {
            _identity.AddClaim(new Claim(name, text, ClaimValueTypes.String, issuer));
        }
    }
}
