using System.Security.Claims;
using Mesh.Identity;
using Mesh.Server.Pipeline;

namespace Mesh.Server.Authentication.Users;

/// <summary>What <c>UseMesh()</c> has verified, in the form that ASP.NET knows.</summary>
internal static class CallerIdentities
{
    /// <summary>One identity for each thing that was verified, or only the one of <paramref name="scheme"/>; <see langword="null"/> when there is none.</summary>
    public static ClaimsPrincipal? Create(MeshRequest request, string scheme)
    {
        // The token first: HttpContext.User.Identity is then the person, where there is one.
        ClaimsPrincipal? user = null;
        if (request.Token is { } token && Has(scheme, MeshAuthenticationDefaults.TokenAuthenticationType))
        {
            (user ??= new()).AddIdentity(token.CreateIdentity());
        }

        if (request.ApiKey is { } key && Has(scheme, MeshAuthenticationDefaults.ApiKeyAuthenticationType))
        {
            (user ??= new()).AddIdentity(key.CreateIdentity());
        }

        if (request.Session is { } session && Has(scheme, MeshAuthenticationDefaults.SessionAuthenticationType))
        {
            (user ??= new()).AddIdentity(session.CreateIdentity());
        }

        if (request.Peer is { } peer && Has(scheme, MeshAuthenticationDefaults.PeerAuthenticationType))
        {
            (user ??= new()).AddIdentity(IdentityOf(peer, MeshAuthenticationDefaults.PeerAuthenticationType, MeshAuthenticationDefaults.PeerClaim));
        }

        if (request.ForwardedClient?.Id is { } client && Has(scheme, MeshAuthenticationDefaults.ForwardedClientAuthenticationType))
        {
            (user ??= new()).AddIdentity(IdentityOf(client, MeshAuthenticationDefaults.ForwardedClientAuthenticationType, MeshAuthenticationDefaults.ForwardedClientClaim));
        }

        return user;
    }

    private static bool Has(string scheme, string type) => scheme == type || scheme == MeshAuthenticationDefaults.AuthenticationScheme;

    private static ClaimsIdentity IdentityOf(SpiffeId id, string authenticationType, string claim) =>
        new([new Claim(claim, id.ToString(), ClaimValueTypes.String, id.TrustDomain)], authenticationType, claim, roleType: null);
}
