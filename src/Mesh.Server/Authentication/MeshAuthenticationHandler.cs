using System.Security.Claims;
using System.Text.Encodings.Web;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Authentication;

/// <summary>
/// Shows ASP.NET who the caller is: what <c>UseMesh()</c> has verified becomes <c>HttpContext.User</c>, with one identity each
/// for the token, the API key and the peer, and challenges and forbids become problems.
/// </summary>
internal sealed class MeshAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    PolicySource<ServerPolicy> policies)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The scheme of all identities, and one for each alone.</summary>
    public static IReadOnlyList<string> Schemes { get; } =
    [
        MeshAuthenticationDefaults.AuthenticationScheme,
        MeshAuthenticationDefaults.TokenAuthenticationType,
        MeshAuthenticationDefaults.ApiKeyAuthenticationType,
        MeshAuthenticationDefaults.PeerAuthenticationType,
    ];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<MeshRequest>() is not { } request)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        // The token first: HttpContext.User.Identity is then the person, where there is one.
        ClaimsPrincipal? user = null;
        if (request.Token is { } token && Shows(MeshAuthenticationDefaults.TokenAuthenticationType))
        {
            (user ??= new()).AddIdentity(token.CreateIdentity());
        }

        if (request.ApiKey is { } key && Shows(MeshAuthenticationDefaults.ApiKeyAuthenticationType))
        {
            (user ??= new()).AddIdentity(key.CreateIdentity());
        }

        if (request.Peer is { } peer && Shows(MeshAuthenticationDefaults.PeerAuthenticationType))
        {
            (user ??= new()).AddIdentity(IdentityOf(peer, MeshAuthenticationDefaults.PeerAuthenticationType, MeshAuthenticationDefaults.PeerClaim));
        }

        if (request.ForwardedClient?.Id is { } client && Shows(MeshAuthenticationDefaults.ForwardedClientAuthenticationType))
        {
            (user ??= new()).AddIdentity(IdentityOf(client, MeshAuthenticationDefaults.ForwardedClientAuthenticationType, MeshAuthenticationDefaults.ForwardedClientClaim));
        }

        return Task.FromResult(user is null ? AuthenticateResult.NoResult() : AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        (policies.Current.Authentication.Challenge ?? ServerProblems.TokenRequired).WriteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => ServerProblems.Denied.WriteAsync(Context);

    private bool Shows(string type) => Scheme.Name == type || Scheme.Name == MeshAuthenticationDefaults.AuthenticationScheme;

    private static ClaimsIdentity IdentityOf(SpiffeId id, string authenticationType, string claim) =>
        new([new Claim(claim, id.ToString(), ClaimValueTypes.String, id.TrustDomain)], authenticationType, claim, roleType: null);
}
