using Mesh.Authorization;
using Mesh.Gateway.Login;
using Mesh.Routing.Auth;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Auth;

/// <summary>Why a caller may not pass to a rule.</summary>
internal static class AuthProblems
{
    /// <summary>It shows nothing, or nothing that counts here.</summary>
    public static MeshProblem Required(CallerCredentials accepted, bool isOther) => accepted == CallerCredentials.Session ? LoginProblems.Required : new(
        StatusCodes.Status401Unauthorized,
        "credentials-required",
        isOther ? "The credentials do not count here." : "The caller showed no credentials.",
        $"Show {Describe(accepted)}.")
    {
        Challenge = ChallengeOf(accepted),
    };

    /// <summary>RFC 6750, 3.1: the scopes that are needed may be named.</summary>
    public static MeshProblem ScopeMissing(RouteAuth auth) => new(
        StatusCodes.Status403Forbidden, "insufficient-scope", "The credentials are not good for this.", "They lack a scope.")
    {
        Challenge = (auth.Accepts & CallerCredentials.Token) != 0 ? $"Bearer error=\"insufficient_scope\", scope=\"{string.Join(' ', auth.Scopes)}\"" : null,
    };

    private static string Describe(CallerCredentials accepted)
    {
        List<string> ways = [];
        if ((accepted & CallerCredentials.Token) != 0)
        {
            ways.Add("a token as 'Authorization: Bearer'");
        }

        if ((accepted & CallerCredentials.ApiKey) != 0)
        {
            ways.Add("an API key");
        }

        if ((accepted & CallerCredentials.Certificate) != 0)
        {
            ways.Add("a certificate of the mesh");
        }

        if ((accepted & CallerCredentials.Session) != 0)
        {
            ways.Add("the session of a browser that has logged in");
        }

        return string.Join(", or ", ways);
    }

    private static string ChallengeOf(CallerCredentials accepted) =>
        (accepted & CallerCredentials.Token) != 0 ? "Bearer"
        : (accepted & CallerCredentials.ApiKey) != 0 ? "ApiKey"
        : (accepted & CallerCredentials.Session) != 0 ? "Cookie"
        : "Certificate";
}
