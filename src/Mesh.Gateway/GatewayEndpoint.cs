using Mesh.Configuration;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway;

/// <summary>
/// The way of a request through the gateway, behind the policies of the server: canonical path, rule, its own
/// answer or a backend, forwarding. The path that is matched is the path that is forwarded.
/// </summary>
internal sealed class GatewayEndpoint(PolicySource<GatewayPolicy> policy, GatewayForwarder forwarder, EdgeGuard guard, Random random)
{
    public Task InvokeAsync(HttpContext http)
    {
        var current = policy.Current;
        if (guard.FindProblem(http.Request, current.Hosts) is { } problem)
        {
            return problem.WriteAsync(http);
        }

        if (EdgeGuard.EndsHere(http))
        {
            return Task.CompletedTask;
        }

        var target = new GatewayTarget(http);
        var selection = current.Routes.Match(new GatewayRouteRequest(http.Request, target));
        if (selection.Rule is not { } rule)
        {
            return GatewayProblems.NoRoute.WriteAsync(http);
        }

        if (RuleAnswer.WriteAsync(http, selection, target) is { } answer)
        {
            return answer;
        }

        return rule.PickBackend(random) is { } backend
            ? forwarder.SendAsync(http, target, selection, backend, current.ForwardClientCertificate)
            : GatewayProblems.NoBackend.WriteAsync(http);
    }
}
