using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Problems;

/// <summary>The refusals of this package, each with its stable reason.</summary>
internal static class ServerProblems
{
    public static readonly MeshProblem DeadlineExceeded = new(
        StatusCodes.Status504GatewayTimeout, "deadline-exceeded", "The request took longer than its caller waits.");

    public static readonly MeshProblem PeerRequired = new(
        StatusCodes.Status403Forbidden,
        "peer-required",
        "This service serves mesh peers only.",
        "Connect with mutual TLS and a certificate of the mesh.");

    public static readonly MeshProblem BadForwardedCertificate = new(
        StatusCodes.Status400BadRequest,
        "bad-forwarded-certificate",
        "The client certificate that was forwarded cannot be read.",
        "Send x-forwarded-client-cert as Envoy does, or not at all.");

    public static readonly MeshProblem Denied = new(
        StatusCodes.Status403Forbidden, "access-denied", "The caller may not do this.");

    public static readonly MeshProblem AuthorizerUnavailable = new(
        StatusCodes.Status503ServiceUnavailable,
        "authorizer-unavailable",
        "Nobody can say now whether the caller may do this.",
        "The authorizer of this service cannot be reached.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static readonly MeshProblem TokenRequired = new(
        StatusCodes.Status401Unauthorized,
        "token-required",
        "The caller showed no credentials.",
        "Send a token as 'Authorization: Bearer'.")
    {
        Challenge = "Bearer",
    };

    public static readonly MeshProblem LoginRequired = new(
        StatusCodes.Status401Unauthorized,
        "login-required",
        "The caller has not logged in.",
        "Open a page in a browser.")
    {
        Challenge = "Cookie",
    };

    public static readonly MeshProblem KeysUnavailable = new(
        StatusCodes.Status503ServiceUnavailable,
        "token-keys-unavailable",
        "The token cannot be checked now.",
        "The keys of its issuer cannot be reached.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static readonly MeshProblem Overloaded = new(
        StatusCodes.Status503ServiceUnavailable,
        "temporary-reduced-capacity",
        "There is too much to do at the moment.",
        "Come again after Retry-After, or tell the mesh that the call is more critical.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static readonly MeshProblem QuotaExceeded = new(
        StatusCodes.Status429TooManyRequests, "quota-exceeded", "The caller has used up a rate limit.", "Wait as long as Retry-After says.");

    public static readonly MeshProblem LimitUnavailable = new(
        StatusCodes.Status503ServiceUnavailable,
        "rate-limit-unavailable",
        "Nobody can say now how much the caller has used up.",
        "The store of the rate limits cannot be reached; come again after Retry-After.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static readonly MeshProblem BodyTooLarge = new(
        StatusCodes.Status413PayloadTooLarge, "body-too-large", "The body of the request is larger than this service takes.", "Send less.");

    public static MeshProblem InjectedFault(int status) => new(status, "injected-fault", "This failure was put in on purpose.");

    public static MeshProblem BadPath(string error) => new(
        StatusCodes.Status400BadRequest, "bad-path", "The path of the request is refused.", $"{error}.");

    /// <summary>What Kestrel found wrong with a request while the application read it.</summary>
    public static MeshProblem BadRequest(int status) => status == StatusCodes.Status413PayloadTooLarge
        ? BodyTooLarge
        : new(status, "bad-body", "The body of the request did not arrive as announced.");

    /// <summary>Gives the caller an authorizer's own answer, counted as a refusal.</summary>
    public static async Task AnswerAs(HttpContext http, int status, (string Name, string Value)[] fields, ReadOnlyMemory<byte> body)
    {
        Denied.Count(http);
        http.Response.StatusCode = status;
        foreach (var (name, value) in fields)
        {
            http.Response.Headers[name] = value;
        }

        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, CancellationToken.None).ConfigureAwait(false);
    }

    public static MeshProblem InvalidToken(string reason, string detail) => new(
        StatusCodes.Status401Unauthorized, reason, "The token is not accepted.", detail)
    {
        // RFC 6750, section 3.1
        Challenge = "Bearer error=\"invalid_token\"",
    };
}
