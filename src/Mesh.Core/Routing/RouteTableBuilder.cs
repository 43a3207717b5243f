using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Collects routes and arranges their matches by host name and path.</summary>
internal sealed class RouteTableBuilder
{
    private const string AnyHost = "";
    private const string WildcardLabel = "*";

    private readonly Dictionary<string, HostMatches> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ImmutableArray<RouteRule>.Builder _rules = ImmutableArray.CreateBuilder<RouteRule>();

    public void AddRoute(string name, RouteOptions route, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < route.Hostnames.Count; i++)
        {
            if (!RouteSyntax.IsHostname(route.Hostnames[i]))
            {
                errors.Add($"{path}:Hostnames:{i}", route.Hostnames[i], "a host name without a port, such as 'shop.example' or '*.shop.example'");
            }
        }

        if (route.Rules.Count == 0)
        {
            errors.Add($"{path}:Rules", "a route needs at least one rule.");
        }

        AddRules(name, route.Hostnames, route.Rules, $"{path}:Rules", errors);
    }

    public void AddRules(
        string routeName,
        List<string> hostnames,
        IReadOnlyList<RouteRuleOptions> rules,
        string path,
        ConfigurationErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        var hosts = hostnames.Count == 0 ? [AnyHost] : hostnames.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        for (var i = 0; i < rules.Count; i++)
        {
            var rulePath = $"{path}:{i}";
            if (rules[i].Name is { } name && !names.Add(name))
            {
                errors.Add($"{rulePath}:Name", name, "a name that no other rule of the route has");
            }

            var rule = RuleCompiler.Compile(rules[i], routeName, i, rulePath, errors);
            _rules.Add(rule);
            foreach (var match in MatchCompiler.Compile(rules[i].Matches, rule, i, $"{rulePath}:Matches", errors))
            {
                foreach (var host in hosts)
                {
                    HostOf(host).Add(match);
                }
            }
        }
    }

    public RouteTable Build()
    {
        var tables = _hosts.ToDictionary(static pair => pair.Key, static pair => pair.Value.Build(), _hosts.Comparer);
        tables.Remove(AnyHost, out var anyHost);
        return new RouteTable(
            tables.Where(static pair => !pair.Key.StartsWith(WildcardLabel, StringComparison.Ordinal))
                .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
            tables.Where(static pair => pair.Key.StartsWith(WildcardLabel, StringComparison.Ordinal))
                .ToFrozenDictionary(static pair => pair.Key[WildcardLabel.Length..], static pair => pair.Value, StringComparer.OrdinalIgnoreCase),
            anyHost,
            _rules.ToImmutable());
    }

    private HostMatches HostOf(string host)
    {
        if (!_hosts.TryGetValue(host, out var matches))
        {
            _hosts[host] = matches = new HostMatches();
        }

        return matches;
    }

    private sealed class HostMatches
    {
        private readonly Dictionary<string, List<RouteMatch>> _exact = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<RouteMatch>> _prefixes = new(StringComparer.Ordinal);
        private readonly List<PathPattern> _patterns = [];

        public void Add(in CompiledMatch match)
        {
            if (match.Pattern is { } pattern)
            {
                _patterns.Add(new PathPattern(pattern, match.Path.Length, match.Match));
                return;
            }

            var (matches, key) = match.Type == PathMatchType.Exact ? (_exact, match.Path) : (_prefixes, match.Path.TrimEnd('/'));
            if (!matches.TryGetValue(key, out var list))
            {
                matches[key] = list = [];
            }

            list.Add(match.Match);
        }

        public PathTable Build() => new(Freeze(_exact), [.. _patterns.Order()], Freeze(_prefixes));

        private static FrozenDictionary<string, RouteMatch[]> Freeze(Dictionary<string, List<RouteMatch>> matches) =>
            matches.ToFrozenDictionary(static pair => pair.Key, static pair => pair.Value.Order().ToArray(), StringComparer.Ordinal);
    }
}
