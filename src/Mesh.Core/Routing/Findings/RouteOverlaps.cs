using System.Collections.Immutable;
using Mesh.Routing.Grpc;

namespace Mesh.Routing.Findings;

/// <summary>
/// Finds matches that never hold because another is always asked first and holds whenever they do. Between matches of one host
/// and path that is so only when they say the same: whatever has more conditions is asked first. Between paths it is so behind a
/// pattern that takes them all, because patterns are asked before prefixes.
/// </summary>
internal sealed class RouteOverlaps
{
    private const int MaxHosts = 3;

    private static readonly string[] EveryPath = [".*", "/.*", "(.*)", "/(.*)", ".+", "/?.*"];

    private readonly Dictionary<RouteMatch, Overlap> _found = [];
    private readonly List<RouteMatch> _order = [];

    /// <summary>Looks through the routes of one listener, or of all when there are none.</summary>
    public void Add(ImmutableArray<CompiledRoute> routes)
    {
        Dictionary<string, List<(MatchField Field, CompiledMatch Match)>> hosts = new(StringComparer.OrdinalIgnoreCase);
        Dictionary<(string Host, string Identity), MatchField> first = [];
        foreach (var route in routes)
        {
            IReadOnlyList<string> names = route.Hostnames.Count == 0 ? [HostTable<PathTable>.AnyHost] : [.. route.Hostnames.Distinct(StringComparer.OrdinalIgnoreCase)];
            foreach (var host in names)
            {
                if (!hosts.TryGetValue(host, out var all))
                {
                    hosts[host] = all = [];
                }

                all.AddRange(Fields(route));
                foreach (var (field, identity) in GrpcFields(route))
                {
                    Compare(first, host.ToUpperInvariant(), identity, field);
                }
            }
        }

        foreach (var (host, matches) in hosts)
        {
            foreach (var (field, match) in matches)
            {
                Compare(first, host.ToUpperInvariant(), Identity(match), field);
            }

            FindBehindPattern(host, matches);
        }
    }

    public IEnumerable<RouteFinding> Findings() => _order.Select(match => _found[match].ToFinding(MaxHosts));

    private static IEnumerable<(MatchField Field, CompiledMatch Match)> Fields(CompiledRoute route)
    {
        var index = 0;
        for (var i = 0; i < route.Matches.Length; i++)
        {
            var match = route.Matches[i];
            index = i > 0 && route.Matches[i - 1].Match.Position == match.Match.Position ? index + 1 : 0;
            var isDefault = index == 0 && match is { Type: PathMatchType.PathPrefix, Path: "/", Match.IsUnconditional: true };
            yield return (new MatchField(route, match.Match, isDefault ? -1 : index), match);
        }
    }

    private static IEnumerable<(MatchField Field, string Identity)> GrpcFields(CompiledRoute route)
    {
        var index = 0;
        for (var i = 0; i < route.GrpcMatches.Length; i++)
        {
            var match = route.GrpcMatches[i];
            index = i > 0 && route.GrpcMatches[i - 1].Match.Position == match.Match.Position ? index + 1 : 0;
            var isDefault = index == 0 && match is { Service: null, Method: null, Match.IsUnconditional: true };
            yield return (new MatchField(route, match.Match, isDefault ? -1 : index), Identity(match));
        }
    }

    private static string Identity(in CompiledMatch match)
    {
        var path = match.Type == PathMatchType.PathPrefix ? match.Path.TrimEnd('/') : match.Path;
        return $"{match.Type} {path}\n{match.Match.Identity}";
    }

    private static string Identity(in CompiledGrpcMatch match)
    {
        var isPattern = match.ServicePattern is not null || match.MethodPattern is not null;
        return $"gRPC {isPattern} {match.Service} {match.Method}\n{match.Match.Identity}";
    }

    // Routes come in the order of their names and rules in that of their list: the first to say something is the one that is asked.
    private void Compare(Dictionary<(string, string), MatchField> first, string host, string identity, in MatchField field)
    {
        if (!first.TryAdd((host, identity), field))
        {
            var before = first[(host, identity)];
            Add(before.Route.Name == field.Route.Name ? RouteFindingKind.Shadowed : RouteFindingKind.Ambiguous, field, before, host);
        }
    }

    private void FindBehindPattern(string host, List<(MatchField Field, CompiledMatch Match)> matches)
    {
        MatchField? all = null;
        var length = -1;
        foreach (var (field, match) in matches)
        {
            if (match.Pattern is not null && match.Match.IsUnconditional && match.Path.Length > length && EveryPath.Contains(match.Path.TrimStart('^').TrimEnd('$')))
            {
                all = field;
                length = match.Path.Length;
            }
        }

        if (all is not { } before)
        {
            return;
        }

        foreach (var (field, match) in matches)
        {
            if (match.Type == PathMatchType.PathPrefix || (match.Pattern is not null && match.Path.Length < length))
            {
                Add(RouteFindingKind.Unreachable, field, before, host);
            }
        }
    }

    private void Add(RouteFindingKind kind, in MatchField field, in MatchField before, string host)
    {
        if (!_found.TryGetValue(field.Match, out var overlap))
        {
            _found[field.Match] = overlap = new Overlap(kind, field, before);
            _order.Add(field.Match);
        }

        overlap.Hosts.Add(host.ToLowerInvariant());
    }

    private sealed class Overlap(RouteFindingKind kind, MatchField field, MatchField before)
    {
        public SortedSet<string> Hosts { get; } = new(StringComparer.Ordinal);

        public RouteFinding ToFinding(int maxHosts)
        {
            var reason = kind switch
            {
                RouteFindingKind.Shadowed => "a match of the same route before it says the same",
                RouteFindingKind.Ambiguous => $"the route '{before.Route.Name}' says the same and comes first by its name",
                _ => "a pattern that takes every path is asked before it",
            };
            var hosts = string.Join(", ", Hosts.Take(maxHosts).Select(static host => host.Length == 0 ? "every host" : $"'{host}'"));
            var more = Hosts.Count > maxHosts ? $" and {Hosts.Count - maxHosts} more" : "";
            return new RouteFinding(kind, field.Path, before.Path, $"it takes no request for {hosts}{more}: {reason}.");
        }
    }
}
