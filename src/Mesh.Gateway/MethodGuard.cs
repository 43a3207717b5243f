using Mesh.Gateway.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway;

/// <summary>Refuses methods that a gateway does not pass on. It stands first, because the target of CONNECT is not even a path.</summary>
internal sealed class MethodGuard(RequestDelegate next)
{
    private const string Allowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    public Task InvokeAsync(HttpContext http)
    {
        if (IsAllowed(http))
        {
            return next(http);
        }

        http.Response.Headers.Allow = Allowed;
        return GatewayProblems.MethodNotAllowed.WriteAsync(http);
    }

    // TRACE shows a caller what proxies added to its request; CONNECT opens tunnels, but for a WebSocket over HTTP/2 (RFC 8441).
    private static bool IsAllowed(HttpContext http) =>
        !HttpMethods.IsTrace(http.Request.Method)
        && (!HttpMethods.IsConnect(http.Request.Method) || http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true });
}
