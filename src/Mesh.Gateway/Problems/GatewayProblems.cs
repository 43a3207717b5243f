using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Problems;

/// <summary>The refusals of the gateway, each with its stable reason.</summary>
internal static class GatewayProblems
{
    public static readonly MeshProblem NoRoute = new(
        StatusCodes.Status404NotFound, "no-route", "There is nothing here.", "No route takes this host, path, method and header.");

    public static readonly MeshProblem NoBackend = new(
        StatusCodes.Status500InternalServerError, "no-backend", "The route leads nowhere.", "No backend of the rule has a weight above 0.");

    public static readonly MeshProblem MethodNotAllowed = new(
        StatusCodes.Status405MethodNotAllowed, "method-not-allowed", "The gateway does not pass this method on.");

    public static readonly MeshProblem BackendFailed = new(
        StatusCodes.Status502BadGateway, "backend-failed", "The service behind the gateway did not give a usable answer.");

    public static readonly MeshProblem BackendTimedOut = new(
        StatusCodes.Status504GatewayTimeout, "backend-timeout", "The service behind the gateway did not answer in time.");

    public static readonly MeshProblem InjectedFault = new(
        StatusCodes.Status502BadGateway, "injected-fault", "This failure was put in on purpose.");

    public static MeshProblem NoEndpoint(TimeSpan? retryAfter) => new(
        StatusCodes.Status503ServiceUnavailable, "no-endpoint", "The service behind the gateway has no endpoint.")
    {
        RetryAfter = retryAfter,
    };

    public static MeshProblem BadPath(string error) => new(
        StatusCodes.Status400BadRequest, "bad-path", "The path of the request is refused.", $"{error}.");

    public static MeshProblem BadHeader(string name) => new(
        StatusCodes.Status400BadRequest, "bad-header", "A header field of the request is refused.", $"The value of '{name}' has characters outside ASCII.");

    public static MeshProblem BadBody(int status) => new(
        status, status == StatusCodes.Status413PayloadTooLarge ? "body-too-large" : "bad-body", "The body of the request is refused.");
}
