using Mesh.Configuration;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Listeners;
using Mesh.Gateway.Problems;
using Mesh.Routing;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Routing;

/// <summary>Finds the rule for a request: listener, then host, path and the rest.</summary>
internal sealed class GatewayRouter(PolicySource<GatewayPolicy> policy, EdgeGuard guard)
{
    /// <summary>The policy in force.</summary>
    public GatewayPolicy Current => policy.Current;

    /// <summary>Finds the rule, or why there is none.</summary>
    public static MeshProblem? Find(HttpContext http, in GatewayTarget target, GatewayPolicy current, out RouteSelection selection)
    {
        var request = http.Request;
        var routes = current.Routes;
        if (current.Listeners is { } listeners)
        {
            if (FindProblem(http, listeners, out var listener) is { } problem)
            {
                selection = default;
                return problem;
            }

            routes = listener!.Routes;
        }

        var asked = new GatewayRouteRequest(request, target);
        selection = IsGrpc(request) ? routes.MatchGrpc(asked) : routes.Match(asked);
        return selection.Rule is null ? GatewayProblems.NoRoute : null;
    }

    /// <summary>The rule that would take a request with another method, for the preflight that announces it; its own refusals are not for here.</summary>
    public RouteRule? FindFor(HttpContext http, string method)
    {
        var current = policy.Current;
        if (!GatewayTarget.TryRead(http, out var target)
            || guard.FindProblem(http.Request, current.Hosts) is not null)
        {
            return null;
        }

        var routes = current.Routes;
        if (current.Listeners is { } listeners)
        {
            if (FindProblem(http, listeners, out var listener) is not null)
            {
                return null;
            }

            routes = listener!.Routes;
        }

        return routes.Match(new GatewayRouteRequest(http.Request, target, method)).Rule;
    }

    // RFC 9110, 7.4: a browser may send requests for one host over a connection to another whose certificate is good for both.
    // Behind another listener there are other routes, and perhaps other demands on the caller.
    private static MeshProblem? FindProblem(HttpContext http, ListenerSet listeners, out GatewayListener? listener)
    {
        var handshake = http.Features.Get<ITlsHandshakeFeature>();
        var port = http.Connection.LocalPort;
        if (!listeners.TryFind(port, handshake is not null, http.Request.Host.Value, out listener))
        {
            return GatewayProblems.NoRoute;
        }

        return handshake?.HostName is { Length: > 0 } name && listeners.TryFind(port, isTls: true, name, out var connected) && connected != listener
            ? GatewayProblems.Misdirected
            : null;
    }

    /// <summary>Whether a request is gRPC, which only HTTP/2 can carry.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type
        && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);
}
