using System.Collections.Immutable;
using Mesh.Routing;
using Mesh.Routing.Findings;

namespace Mesh.Gateway.Routing;

/// <summary>Finds what is valid in a policy and probably not meant so.</summary>
internal static class PolicyFindings
{
    public static ImmutableArray<RouteFinding> Find(GatewayPolicy policy, MeshGatewayOptions options, string path)
    {
        var findings = ImmutableArray.CreateBuilder<RouteFinding>();
        findings.AddRange(RouteFindings.Find(policy.Routes, policy.Listeners is { } listeners ? [.. listeners.All.Select(static listener => listener.Definition)] : []));
        var asksSomething = policy.Routes.Rules.Any(static rule => rule.Auth is { AllowsAnonymous: false });
        foreach (var (name, route) in options.Routes)
        {
            var field = route.Source ?? $"{path}:{nameof(options.Routes)}:{name}";
            FindHosts(policy, route.Hostnames, field, findings);
            for (var i = 0; i < route.Rules.Count; i++)
            {
                FindOpen(options, asksSomething, route.Rules[i].Filters, $"{field}:{nameof(route.Rules)}:{i}", findings);
            }
        }

        foreach (var (name, route) in options.GrpcRoutes)
        {
            var field = route.Source ?? $"{path}:{nameof(options.GrpcRoutes)}:{name}";
            FindHosts(policy, route.Hostnames, field, findings);
            for (var i = 0; i < route.Rules.Count; i++)
            {
                FindOpen(options, asksSomething, route.Rules[i].Filters, $"{field}:{nameof(route.Rules)}:{i}", findings);
            }
        }

        return findings.ToImmutable();
    }

    // Some of the hosts below a wildcard may be among those served.
    private static void FindHosts(GatewayPolicy policy, List<string> hostnames, string path, ImmutableArray<RouteFinding>.Builder findings)
    {
        for (var i = 0; policy.Hosts is { } hosts && i < hostnames.Count; i++)
        {
            if (!hostnames[i].StartsWith('*') && !hosts.Contains(hostnames[i]))
            {
                findings.Add(new RouteFinding(RouteFindingKind.Unreachable, $"{path}:{nameof(RouteOptions.Hostnames)}:{i}", "Mesh:Gateway:Hosts", $"'{hostnames[i]}' is none of the hosts the gateway answers for."));
            }
        }
    }

    // A redirect gives nothing away.
    private static void FindOpen(MeshGatewayOptions options, bool asksSomething, List<RouteFilterOptions> filters, string path, ImmutableArray<RouteFinding>.Builder findings)
    {
        if (filters.Exists(static filter => filter.Type == RouteFilterType.RequestRedirect))
        {
            return;
        }

        var auth = filters.Find(static filter => filter.Type == RouteFilterType.Auth)?.Auth;
        if (auth is null && options.Auth is null && asksSomething)
        {
            findings.Add(new RouteFinding(RouteFindingKind.Unauthenticated, path, null, "it has no filter Auth, while other rules have one: everybody may call it as far as routes are concerned."));
        }
        else if (auth is { Anonymous: true } && options.Auth is { Anonymous: false })
        {
            findings.Add(new RouteFinding(RouteFindingKind.Anonymous, path, "Mesh:Gateway:Auth", "it lets callers in that show nothing, while the gateway asks for something by default."));
        }
    }
}
