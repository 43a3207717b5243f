using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Problems;

/// <summary>The refusals of the gateway, each with its stable reason.</summary>
internal static class GatewayProblems
{
    public static readonly MeshProblem NoRoute = new(
        StatusCodes.Status404NotFound, "no-route", "There is nothing here.", "No route takes this host, path, method and header.");

    public static readonly MeshProblem NoBackend = new(
        StatusCodes.Status500InternalServerError, "no-backend", "The route leads nowhere.", "The rule has no backend, none with a weight above 0, or one that does not exist.");

    public static readonly MeshProblem MethodNotAllowed = new(
        StatusCodes.Status405MethodNotAllowed, "method-not-allowed", "The gateway does not pass this method on.");

    public static readonly MeshProblem TunnelNotSupported = new(
        StatusCodes.Status501NotImplemented, "tunnel-not-supported", "The gateway has no tunnels for this protocol.", "The only ':protocol' is 'websocket'.");

    public static readonly MeshProblem ConnectionField = new(
        StatusCodes.Status400BadRequest,
        "bad-header",
        "A header field of the request is refused.",
        "'Connection', 'Keep-Alive', 'Proxy-Connection' and 'Upgrade' belong to HTTP/1.1.");

    public static readonly MeshProblem BadFraming = new(
        StatusCodes.Status400BadRequest,
        "bad-framing",
        "It is not clear where the request ends.",
        "Send either 'Content-Length' or 'Transfer-Encoding: chunked', and the latter in HTTP/1.1.");

    public static readonly MeshProblem BadHost = new(
        StatusCodes.Status400BadRequest, "bad-host", "It is not clear for which host the request is.", "Send one 'Host' with a name or address and, perhaps, a port.");

    public static readonly MeshProblem UnknownHost = new(
        StatusCodes.Status421MisdirectedRequest, "unknown-host", "The gateway does not answer for this host.");

    public static readonly MeshProblem Misdirected = new(
        StatusCodes.Status421MisdirectedRequest, "misdirected", "The request came over a connection for another host.", "Open a connection to this host.");

    public static readonly MeshProblem AddressDenied = new(
        StatusCodes.Status403Forbidden, "address-denied", "Requests from this address are not served here.");

    public static readonly MeshProblem LoopDetected = new(
        StatusCodes.Status508LoopDetected, "loop-detected", "The request has been here before.", "'Via' names this gateway already.");

    public static readonly MeshProblem BackendFailed = new(
        StatusCodes.Status502BadGateway, "backend-failed", "The service behind the gateway did not give a usable answer.");

    public static readonly MeshProblem BackendTimedOut = new(
        StatusCodes.Status504GatewayTimeout, "backend-timeout", "The service behind the gateway did not answer in time.");

    public static readonly MeshProblem NotCached = new(
        StatusCodes.Status504GatewayTimeout, "not-cached", "There is no kept answer.", "The request says 'only-if-cached'.");

    public static readonly MeshProblem InjectedFault = new(
        StatusCodes.Status502BadGateway, "injected-fault", "This failure was put in on purpose.");

    public static MeshProblem Maintenance(TimeSpan retryAfter) => new(
        StatusCodes.Status503ServiceUnavailable, "maintenance", "This is being worked on.", "Come again later.")
    {
        RetryAfter = retryAfter,
    };

    public static MeshProblem NoEndpoint(TimeSpan? retryAfter) => new(
        StatusCodes.Status503ServiceUnavailable, "no-endpoint", "The service behind the gateway has no endpoint.")
    {
        RetryAfter = retryAfter,
    };

    public static MeshProblem HeldBack(TimeSpan? retryAfter) => new(
        StatusCodes.Status503ServiceUnavailable, "held-back", "The service behind the gateway is not called at the moment.")
    {
        RetryAfter = retryAfter,
    };

    public static MeshProblem BadHeader(string name) => new(
        StatusCodes.Status400BadRequest, "bad-header", "A header field of the request is refused.", $"'{name}' has characters that do not belong there.");

    public static MeshProblem BadBody(int status) => new(
        status, status == StatusCodes.Status413PayloadTooLarge ? "body-too-large" : "bad-body", "The body of the request is refused.");
}
