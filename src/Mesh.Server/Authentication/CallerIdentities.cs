using System.Security.Claims;
using Mesh.Identity;
using Mesh.Server.Pipeline;

namespace Mesh.Server.Authentication;

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

        if (request.Peer is { } peer && Has(scheme, MeshAuthenticationDefaults.PeerAuthenticationType))
        {
            (user ??= new()).AddIdentity(IdentityOf(peer));
        }

        return user;
    }

    private static bool Has(string scheme, string type) => scheme == type || scheme == MeshAuthenticationDefaults.AuthenticationScheme;

    private static ClaimsIdentity IdentityOf(SpiffeId peer) => new(
        [new Claim(MeshAuthenticationDefaults.PeerClaim, peer.ToString(), ClaimValueTypes.String, peer.TrustDomain)],
        MeshAuthenticationDefaults.PeerAuthenticationType,
        MeshAuthenticationDefaults.PeerClaim,
        roleType: null);
}
