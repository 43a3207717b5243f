using System.Security.Claims;
using System.Text.Encodings.Web;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Authentication;

/// <summary>
/// Shows ASP.NET who the caller is: what <c>UseMesh()</c> has verified becomes <c>HttpContext.User</c>, with one identity for
/// the token and one for the peer, and challenges and forbids become problems.
/// </summary>
internal sealed class MeshAuthenticationHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var request = Context.Features.Get<MeshRequest>();
        if (request is null or { Peer: null, Token: null })
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        // The token first: HttpContext.User.Identity is then the person, where there is one.
        var user = new ClaimsPrincipal();
        if (request.Token is { } token)
        {
            user.AddIdentity(token.CreateIdentity());
        }

        if (request.Peer is { } peer)
        {
            user.AddIdentity(IdentityOf(peer, MeshAuthenticationDefaults.PeerAuthenticationType, MeshAuthenticationDefaults.PeerClaim));
        }

        if (request.ForwardedClient?.Id is { } client)
        {
            user.AddIdentity(IdentityOf(client, MeshAuthenticationDefaults.ForwardedClientAuthenticationType, MeshAuthenticationDefaults.ForwardedClientClaim));
        }

        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => ServerProblems.TokenRequired.WriteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => ServerProblems.Denied.WriteAsync(Context);

    private static ClaimsIdentity IdentityOf(SpiffeId id, string authenticationType, string claim) =>
        new([new Claim(claim, id.ToString(), ClaimValueTypes.String, id.TrustDomain)], authenticationType, claim, roleType: null);
}
