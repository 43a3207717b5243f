using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Routing.Grpc;

namespace Mesh.Routing;

/// <summary>Puts compiled routes into a table.</summary>
internal sealed class RouteTableBuilder
{
    private readonly Dictionary<string, HostMatches> _http = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, GrpcMatches> _grpc = new(StringComparer.OrdinalIgnoreCase);
    private readonly ImmutableArray<CompiledRoute>.Builder _routes = ImmutableArray.CreateBuilder<CompiledRoute>();

    public void Add(CompiledRoute route)
    {
        _routes.Add(route);
        var hosts = route.Hostnames.Count == 0 ? [HostTable<PathTable>.AnyHost] : route.Hostnames.Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        foreach (var host in hosts)
        {
            foreach (var match in route.Matches)
            {
                HostOf(_http, host).Add(match);
            }

            foreach (var match in route.GrpcMatches)
            {
                HostOf(_grpc, host).Add(match);
            }
        }
    }

    public RouteTable Build() => new(
        new HostTable<PathTable>(_http.ToDictionary(static pair => pair.Key, static pair => pair.Value.Build(), _http.Comparer)),
        _grpc.Count == 0 ? null : new HostTable<GrpcTable>(_grpc.ToDictionary(static pair => pair.Key, static pair => pair.Value.Build(), _grpc.Comparer)),
        _routes.ToImmutable());

    private static T HostOf<T>(Dictionary<string, T> hosts, string host)
        where T : new()
    {
        if (!hosts.TryGetValue(host, out var matches))
        {
            hosts[host] = matches = new T();
        }

        return matches;
    }

    /// <summary>The matches of one host name while they are collected.</summary>
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

            // The slash at the end of a prefix is ignored.
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
