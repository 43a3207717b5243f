using Mesh.Authorization;
using Mesh.Routing.Auth;
using Mesh.Server.Authentication.Sessions;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Gateway.Auth;

/// <summary>Lets callers through to a rule, as its filter <c>Auth</c> says.</summary>
internal static class AuthGate
{
    /// <returns><see langword="null"/> when the caller may pass.</returns>
    public static MeshProblem? FindProblem(HttpContext http, RouteAuth auth)
    {
        if (auth.AllowsAnonymous)
        {
            return null;
        }

        // The pipeline of the server has been here, or nothing has: then nobody is known.
        var request = http.Features.Get<MeshRequest>();
        var shown = request?.Credentials ?? CallerCredentials.None;
        if ((shown & auth.Accepts) == 0)
        {
            return AuthProblems.Required(auth.Accepts, isOther: shown != CallerCredentials.None);
        }

        return HasScopes(request!.Claims, auth) ? null : AuthProblems.ScopeMissing(auth);
    }

    /// <summary>Answers a caller that may not pass: a browser that can log in is sent there.</summary>
    public static async Task RefuseAsync(HttpContext http, RouteAuth auth, MeshProblem problem)
    {
        if (problem.Status == StatusCodes.Status401Unauthorized
            && (auth.Accepts & CallerCredentials.Session) != 0
            && http.RequestServices.GetService<ICallerSessions>() is { } sessions
            && await sessions.TryChallengeAsync(http).ConfigureAwait(false))
        {
            return;
        }

        await problem.WriteAsync(http).ConfigureAwait(false);
    }

    private static bool HasScopes(TokenClaims? claims, RouteAuth auth)
    {
        foreach (var scope in auth.Scopes)
        {
            if (claims is null || (!Has(claims.Find("scope"), scope) && !Has(claims.Find("scp"), scope)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Has(ReadOnlySpan<string> texts, string scope)
    {
        foreach (var text in texts)
        {
            if (text == scope)
            {
                return true;
            }
        }

        return false;
    }
}
