using Mesh.Gateway.Auth;
using Mesh.Gateway.Caching;
using Mesh.Gateway.Compression;
using Mesh.Gateway.Consumers;
using Mesh.Gateway.Cors;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
using Mesh.Gateway.Sessions;
using Mesh.Routing;
using Mesh.Routing.Compression;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway;

/// <summary>
/// The way of a request through the gateway, behind the policies of the server: canonical path, rule, the consumer's plan, the
/// rule's own answer or a backend, forwarding. The path that is matched is the path that is forwarded.
/// </summary>
internal sealed class GatewayEndpoint(GatewayRouter router, GatewayForwarder forwarder, EdgeGuard guard, ConsumerGate gate, GatewayCache cache, Random random, TimeProvider time)
{
    public Task InvokeAsync(HttpContext http)
    {
        var current = router.Current;
        if (guard.FindProblem(http.Request, current.Hosts) is { } problem)
        {
            return problem.WriteAsync(http);
        }

        if (EdgeGuard.EndsHere(http))
        {
            return Task.CompletedTask;
        }

        if (current.Maintenance?.FindProblem(http.Connection.RemoteIpAddress, route: null) is { } closed)
        {
            return closed.WriteAsync(http);
        }

        var target = new GatewayTarget(http);
        if (GatewayRouter.Find(http, target, current, out var selection) is { } refusal)
        {
            return refusal.WriteAsync(http);
        }

        var rule = selection.Rule!;
        if (current.Access is { } access && !access.Permits(http.Connection.RemoteIpAddress, rule.RouteName))
        {
            return GatewayProblems.AddressDenied.WriteAsync(http);
        }

        if (current.Maintenance?.FindProblem(http.Connection.RemoteIpAddress, rule.RouteName) is { } closedRoute)
        {
            return closedRoute.WriteAsync(http);
        }

        if (rule.Cors is { } cors && http.Request.Headers.Origin.Count > 0)
        {
            CorsFields.Register(http, cors);
        }

        var auth = rule.Auth ?? current.Auth;
        if (auth is not null && AuthGate.FindProblem(http, auth) is { } unwelcome)
        {
            return AuthGate.RefuseAsync(http, auth, unwelcome);
        }

        if (rule.BodyLimit is { } limit && !BodyLimit.TryApply(http, limit))
        {
            return GatewayProblems.BadBody(StatusCodes.Status413PayloadTooLarge).WriteAsync(http);
        }

        return current.Consumers is { } consumers ? ServeConsumerAsync(http, current, consumers, selection, target) : ServeAsync(http, current, selection, target);
    }

    /// <summary>Serves who has a plan for it, and counts it.</summary>
    private async Task ServeConsumerAsync(HttpContext http, GatewayPolicy current, ConsumerPolicy consumers, RouteSelection selection, GatewayTarget target)
    {
        var route = selection.Rule!.RouteName;
        var admission = await gate.AdmitAsync(http, consumers, route).ConfigureAwait(false);
        var threw = true;
        try
        {
            await (admission.Refusal is { } refusal ? refusal.WriteAsync(http) : ServeAsync(http, current, selection, target)).ConfigureAwait(false);
            threw = false;
        }
        finally
        {
            gate.Count(http, admission, route, threw);
        }
    }

    private Task ServeAsync(HttpContext http, GatewayPolicy current, in RouteSelection selection, in GatewayTarget target) =>
        selection.Rule!.Compression is { } compression
            ? ServeCompressedAsync(http, current, compression, selection, target)
            : AnswerAsync(http, current, selection, target);

    private Task ServeCompressedAsync(HttpContext http, GatewayPolicy current, RouteCompression compression, RouteSelection selection, GatewayTarget target) =>
        RuleCompression.InvokeAsync(http, compression, next => AnswerAsync(next, current, selection, target));

    private Task AnswerAsync(HttpContext http, GatewayPolicy current, in RouteSelection selection, in GatewayTarget target)
    {
        var rule = selection.Rule!;
        if (RuleAnswer.WriteAsync(http, selection, target) is { } answer)
        {
            return answer;
        }

        return current.Cache is { } limits && (rule.Cache is not null || GatewayCache.MayChange(http.Request.Method))
            ? ServeCachedAsync(http, current, limits, selection, target)
            : ForwardAsync(http, current, selection, target);
    }

    private Task ServeCachedAsync(HttpContext http, GatewayPolicy current, CacheLimits limits, RouteSelection selection, GatewayTarget target) =>
        cache.InvokeAsync(http, selection.Rule!, target, limits, next => ForwardAsync(next, current, selection, target));

    private Task ForwardAsync(HttpContext http, GatewayPolicy current, in RouteSelection selection, in GatewayTarget target)
    {
        var rule = selection.Rule!;
        var session = rule.Session is { } persistence ? BackendSession.Find(http, rule, persistence, current.SessionSeal, time.GetUtcNow()) : null;
        return (session?.Backend ?? rule.PickBackend(random)) is { IsResolved: true } backend
            ? forwarder.SendAsync(http, target, selection, backend, session, current)
            : GatewayProblems.NoBackend.WriteAsync(http);
    }
}
