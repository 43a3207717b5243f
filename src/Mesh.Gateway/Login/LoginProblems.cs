using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Login;

/// <summary>Why somebody cannot log in, or a session does not count.</summary>
internal static class LoginProblems
{
    public static readonly MeshProblem Required = new(
        StatusCodes.Status401Unauthorized, "login-required", "The caller has not logged in.", "Open a page in a browser.")
    {
        Challenge = "Cookie",
    };

    public static readonly MeshProblem Failed = new(
        StatusCodes.Status400BadRequest, "login-failed", "The login did not come to an end.", "Begin again: open the page that you wanted.");

    public static readonly MeshProblem Refused = new(
        StatusCodes.Status403Forbidden, "login-refused", "The login was refused.", "The provider of the login did not let the user in, or the user did not agree.");

    public static readonly MeshProblem Unavailable = new(
        StatusCodes.Status503ServiceUnavailable, "login-unavailable", "Nobody can log in now.", "The provider of the login cannot be reached.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static readonly MeshProblem CrossSite = new(
        StatusCodes.Status403Forbidden,
        "cross-site-request",
        "The page of somebody else has sent this request.",
        "A session counts for requests that change something only when a page of the gateway itself sends them, or one that it trusts.");
}
