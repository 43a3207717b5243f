using Mesh.Gateway.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Hygiene;

/// <summary>
/// Refuses what a gateway must not even look at: methods that it does not pass on, and bodies about whose end two servers
/// may disagree. It stands first, because the target of CONNECT is not even a path.
/// </summary>
internal sealed class FramingGuard(RequestDelegate next)
{
    private const string Allowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    // Where Kestrel puts a Content-Length that came beside a Transfer-Encoding.
    private const string SetAside = "X-Content-Length";

    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        if (!MayPass(http))
        {
            http.Response.Headers.Allow = Allowed;
            return GatewayProblems.MethodNotAllowed.WriteAsync(http);
        }

        if (request.Headers.TransferEncoding is { Count: > 0 } encoding && !IsClear(request, encoding))
        {
            // What stands behind it on the connection may be a body or a request: nobody can know.
            http.Response.Headers.Connection = "close";
            return GatewayProblems.BadFraming.WriteAsync(http);
        }

        return next(http);
    }

    // TRACE and TRACK show a caller what proxies added to its request; CONNECT opens tunnels, but for a WebSocket over HTTP/2 (RFC 8441).
    private static bool MayPass(HttpContext http) =>
        !HttpMethods.IsTrace(http.Request.Method)
        && !http.Request.Method.Equals("TRACK", StringComparison.OrdinalIgnoreCase)
        && (!HttpMethods.IsConnect(http.Request.Method) || http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true });

    // RFC 9112, 6.1 and 6.3: a length beside an encoding "ought to be handled as an error", and HTTP/1.0 has no encodings.
    private static bool IsClear(HttpRequest request, StringValues encoding) =>
        encoding.Count == 1
        && string.Equals(encoding[0], "chunked", StringComparison.OrdinalIgnoreCase)
        && !HttpProtocol.IsHttp10(request.Protocol)
        && !request.Headers.ContainsKey(SetAside);
}
