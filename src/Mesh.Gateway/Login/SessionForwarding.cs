using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Login;

/// <summary>What a rule with <c>ForwardCredentials</c> gives backends of a session: never its cookie, and its access token where it is kept.</summary>
internal sealed class SessionForwarding(LoginSessions sessions, TokenRefresher refresher, TimeProvider time)
{
    // A token that ends on its way is of no use.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <returns>Whether the request may go on; otherwise it has been answered.</returns>
    public async ValueTask<bool> TryApplyAsync(HttpContext http)
    {
        sessions.Remove(http.Request);
        if (http.Features.Get<LoginSession>() is not { Ticket.AccessToken.Length: > 0 } session)
        {
            return true;
        }

        if (session.Ticket.AccessTokenExpires - time.GetUtcNow() < Margin && await FindProblemAsync(http, session).ConfigureAwait(false) is { } problem)
        {
            if (problem.Status != StatusCodes.Status401Unauthorized || !await sessions.TryChallengeAsync(http).ConfigureAwait(false))
            {
                await problem.WriteAsync(http).ConfigureAwait(false);
            }

            return false;
        }

        http.Request.Headers.Authorization = $"Bearer {session.Ticket.AccessToken}";
        return true;
    }

    private async ValueTask<MeshProblem?> FindProblemAsync(HttpContext http, LoginSession session)
    {
        if (session.Ticket.RefreshToken.Length == 0)
        {
            return LoginProblems.Required;
        }

        var tokens = await refresher.RefreshAsync(session.Policy, session.Ticket.RefreshToken, http.RequestAborted).ConfigureAwait(false);
        if (tokens.AccessToken is null)
        {
            return tokens.IsOutage ? LoginProblems.Unavailable : LoginProblems.Required;
        }

        session.Ticket = session.Ticket with { AccessToken = tokens.AccessToken, RefreshToken = tokens.RefreshToken, AccessTokenExpires = tokens.Expires };
        sessions.Keep(http, session);
        return null;
    }
}
