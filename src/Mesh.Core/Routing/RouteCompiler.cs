using System.Collections.Immutable;
using Mesh.Configuration;
using Mesh.Routing.Grpc;

namespace Mesh.Routing;

/// <summary>Validates routes and compiles them.</summary>
internal static class RouteCompiler
{
    public static CompiledRoute Compile(string name, RouteOptions route, string path, ConfigurationErrors errors)
    {
        CheckHostnames(route.Hostnames, path, errors);
        CheckCount(route.Rules.Count, path, errors);
        return Compile(name, route.Hostnames, route.Rules, $"{path}:Rules", errors) with { Path = path, ParentRefs = route.ParentRefs };
    }

    public static CompiledRoute Compile(string name, GrpcRouteOptions route, string path, ConfigurationErrors errors)
    {
        CheckHostnames(route.Hostnames, path, errors);
        CheckCount(route.Rules.Count, path, errors);
        var matches = ImmutableArray.CreateBuilder<CompiledGrpcMatch>();
        var options = route.Rules.ConvertAll(static rule => rule.ToRouteRule());
        var rules = CompileRules(name, options, $"{path}:Rules", errors, (rule, i, rulePath) =>
            matches.AddRange(GrpcMatchCompiler.Compile(route.Rules[i].Matches, rule, i, rulePath, errors)));
        return new CompiledRoute(name, route.Hostnames, rules, [], matches.ToImmutable()) { Path = path, ParentRefs = route.ParentRefs };
    }

    /// <summary>Compiles rules for calls to a service. What only a server can do has no place in them.</summary>
    public static CompiledRoute CompileForClient(string name, IReadOnlyList<RouteRuleOptions> rules, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].SessionPersistence is not null)
            {
                errors.Add($"{path}:{i}:SessionPersistence", "a session is between a caller and a gateway; calls stick to an endpoint by LoadBalancing:HashOn.");
            }

            foreach (var (index, filter) in rules[i].Filters.Index())
            {
                if (filter.Type is RouteFilterType.CORS or RouteFilterType.BodyLimit or RouteFilterType.Auth or RouteFilterType.Compression or RouteFilterType.Cache)
                {
                    errors.Add($"{path}:{i}:Filters:{index}:Type", filter.Type, "a filter that is not about answering callers: this one belongs to a gateway");
                }
            }
        }

        return Compile(name, [], rules, path, errors);
    }

    private static CompiledRoute Compile(string name, List<string> hostnames, IReadOnlyList<RouteRuleOptions> options, string path, ConfigurationErrors errors)
    {
        var matches = ImmutableArray.CreateBuilder<CompiledMatch>();
        var rules = CompileRules(name, options, path, errors, (rule, i, rulePath) =>
            matches.AddRange(MatchCompiler.Compile(options[i].Matches, rule, i, $"{rulePath}:Matches", errors)));
        return new CompiledRoute(name, hostnames, rules, matches.ToImmutable(), []);
    }

    private static ImmutableArray<RouteRule> CompileRules(
        string routeName,
        IReadOnlyList<RouteRuleOptions> rules,
        string path,
        ConfigurationErrors errors,
        Action<RouteRule, int, string> compileMatches)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        var compiled = ImmutableArray.CreateBuilder<RouteRule>(rules.Count);
        for (var i = 0; i < rules.Count; i++)
        {
            var rulePath = $"{path}:{i}";
            if (rules[i].Name is { } name && !names.Add(name))
            {
                errors.Add($"{rulePath}:Name", name, "a name that no other rule of the route has");
            }

            var rule = RuleCompiler.Compile(rules[i], routeName, i, rulePath, errors);
            compiled.Add(rule);
            compileMatches(rule, i, rulePath);
        }

        return compiled.ToImmutable();
    }

    private static void CheckHostnames(List<string> hostnames, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < hostnames.Count; i++)
        {
            if (!RouteSyntax.IsHostname(hostnames[i]))
            {
                errors.Add($"{path}:Hostnames:{i}", hostnames[i], "a host name without a port, such as 'shop.example' or '*.shop.example'");
            }
        }
    }

    private static void CheckCount(int rules, string path, ConfigurationErrors errors)
    {
        if (rules == 0)
        {
            errors.Add($"{path}:Rules", "a route needs at least one rule.");
        }
    }
}
