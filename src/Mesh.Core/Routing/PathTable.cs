using System.Collections.Frozen;

namespace Mesh.Routing;

/// <summary>The matches of one host name by path: exact paths first, then patterns, then prefixes from the longest to the shortest.</summary>
internal sealed class PathTable : IPathTable
{
    private readonly FrozenDictionary<string, RouteMatch[]>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly PathPattern[] _patterns;
    private readonly FrozenDictionary<string, RouteMatch[]>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly int _longestPrefix;

    /// <summary>Creates it.</summary>
    /// <param name="exact">Matches by whole path, each list from the most to the least specific.</param>
    /// <param name="patterns">Matches whose path is a regular expression, from the most to the least specific.</param>
    /// <param name="prefixes">The same as <paramref name="exact"/> by prefix without its trailing slash; the prefix of every path is empty.</param>
    public PathTable(FrozenDictionary<string, RouteMatch[]> exact, PathPattern[] patterns, FrozenDictionary<string, RouteMatch[]> prefixes)
    {
        _exact = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _patterns = patterns;
        _prefixes = prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        _longestPrefix = prefixes.Count == 0 ? -1 : prefixes.Keys.Max(static prefix => prefix.Length);
    }

    public bool TryFind<TRequest>(in TRequest request, out RouteSelection selection)
        where TRequest : struct, IRouteRequest
    {
        var path = request.Path;
        selection = default;
        if (path.IsEmpty || path[0] != '/')
        {
            return false;
        }

        if (_exact.TryGetValue(path, out var matches) && FirstThatHolds(matches, request) is { } exact)
        {
            selection = new RouteSelection(exact, 0);
            return true;
        }

        // Envoy Gateway's place for patterns. Behind the prefixes, where Istio has them, a rule for "/" would hide them all.
        foreach (var pattern in _patterns)
        {
            if (pattern.Match.Holds(request) && pattern.Pattern.IsMatch(path))
            {
                selection = new RouteSelection(pattern.Match.Rule, 0);
                return true;
            }
        }

        // A prefix ends where the path has a slash or ends. Those longer than any in the table need no look-up.
        var end = path[^1] == '/' || path.Length > _longestPrefix
            ? path[..Math.Min(path.Length, _longestPrefix + 1)].LastIndexOf('/')
            : path.Length;
        while (end >= 0)
        {
            if (_prefixes.TryGetValue(path[..end], out matches) && FirstThatHolds(matches, request) is { } rule)
            {
                selection = new RouteSelection(rule, end);
                return true;
            }

            end = path[..end].LastIndexOf('/');
        }

        return false;
    }

    public static RouteRule? FirstThatHolds<TRequest>(RouteMatch[] matches, in TRequest request)
        where TRequest : struct, IRouteRequest
    {
        foreach (var match in matches)
        {
            if (match.Holds(request))
            {
                return match.Rule;
            }
        }

        return null;
    }
}
