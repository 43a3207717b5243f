using System.Text.Encodings.Web;
using Mesh.Configuration;
using Mesh.Server.Pipeline;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Authentication.Users;

/// <summary>
/// Shows ASP.NET who the caller is: what <c>UseMesh()</c> has verified becomes <c>HttpContext.User</c>, with one identity each
/// for the token, the API key, the peer and the client in front of trusted proxies, and challenges and forbids become problems.
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
        MeshAuthenticationDefaults.SessionAuthenticationType,
        MeshAuthenticationDefaults.PeerAuthenticationType,
        MeshAuthenticationDefaults.ForwardedClientAuthenticationType,
    ];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var user = Context.Features.Get<MeshRequest>() is { } request ? CallerIdentities.Create(request, Scheme.Name) : null;
        return Task.FromResult(user is null ? AuthenticateResult.NoResult() : AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        (policies.Current.Authentication.Challenge ?? ServerProblems.TokenRequired).WriteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => ServerProblems.Denied.WriteAsync(Context);
}
