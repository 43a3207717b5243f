using Mesh.Gateway.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Hygiene;

/// <summary>
/// Refuses what a gateway must not even look at: methods and tunnels that it does not pass on, bodies about whose end two
/// servers may disagree, and fields about a connection where there is none of that kind. It stands first, because the
/// target of CONNECT is not even a path.
/// </summary>
internal sealed class FramingGuard(RequestDelegate next)
{
    private const string WebSocket = "websocket";
    private const string Allowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    // Where Kestrel puts a Content-Length that came beside a Transfer-Encoding.
    private const string SetAside = "X-Content-Length";

    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } tunnel)
        {
            // RFC 8441: a WebSocket over HTTP/2. RFC 9220, 3, has the status for others.
            if (!WebSocket.Equals(tunnel.Protocol, StringComparison.OrdinalIgnoreCase))
            {
                return GatewayProblems.TunnelNotSupported.WriteAsync(http);
            }
        }
        else if (!MayPass(request.Method))
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

        return HasFieldsOfAnotherConnection(request) ? GatewayProblems.ConnectionField.WriteAsync(http) : next(http);
    }

    // TRACE and TRACK show a caller what proxies added to its request; CONNECT opens tunnels.
    private static bool MayPass(string method) =>
        !HttpMethods.IsTrace(method) && !HttpMethods.IsConnect(method) && !method.Equals("TRACK", StringComparison.OrdinalIgnoreCase);

    // RFC 9112, 6.1 and 6.3: a length beside an encoding "ought to be handled as an error", and only HTTP/1.1 has encodings.
    private static bool IsClear(HttpRequest request, StringValues encoding) =>
        encoding.Count == 1
        && string.Equals(encoding[0], "chunked", StringComparison.OrdinalIgnoreCase)
        && HttpProtocol.IsHttp11(request.Protocol)
        && !request.Headers.ContainsKey(SetAside);

    // RFC 9113, 8.2.2, and RFC 9114, 4.2: a request with one of them is malformed. Kestrel itself refuses only "Connection".
    private static bool HasFieldsOfAnotherConnection(HttpRequest request) =>
        !HttpProtocol.IsHttp11(request.Protocol)
        && !HttpProtocol.IsHttp10(request.Protocol)
        && (request.Headers.Upgrade.Count > 0
            || request.Headers.KeepAlive.Count > 0
            || request.Headers.Connection.Count > 0
            || request.Headers.ContainsKey(HeaderNames.ProxyConnection));
}
