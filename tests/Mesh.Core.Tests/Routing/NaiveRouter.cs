using System.Text.RegularExpressions;
using Mesh.Routing;

namespace Mesh.Core.Tests.Routing;

/// <summary>The precedence of HTTPRoute written down sentence by sentence, with no thought of speed.</summary>
internal static class NaiveRouter
{
    public static string? Match(IReadOnlyList<(string Name, RouteOptions Route)> routes, NaiveRequest request) =>
        routes
            .SelectMany(static route => (route.Route.Hostnames.Count == 0 ? [""] : route.Route.Hostnames)
                .SelectMany(host => route.Route.Rules.SelectMany((rule, position) =>
                    (rule.Matches.Count == 0 ? [new RouteMatchOptions()] : rule.Matches)
                        .Select(match => (route.Name, Host: host, Rule: rule, Position: position, Match: match)))))
            .Where(candidate => HostHolds(candidate.Host, request.Host) && Holds(candidate.Match, request))

            // "most characters in a matching non-wildcard hostname", then "most characters in a matching hostname"
            .OrderByDescending(static candidate => candidate.Host.StartsWith('*') ? 0 : candidate.Host.Length)
            .ThenByDescending(static candidate => candidate.Host.Length)

            // "Exact path match", then (left to the implementation) the longest expression, "Prefix path match with largest number of characters", "Method match", "largest number of header matches", "… query param matches"
            .ThenByDescending(static candidate => PathOf(candidate.Match).Type == PathMatchType.Exact)
            .ThenByDescending(static candidate => PathOf(candidate.Match).Type == PathMatchType.RegularExpression ? PathOf(candidate.Match).Value.Length : 0)
            .ThenByDescending(static candidate => PathOf(candidate.Match).Type == PathMatchType.PathPrefix ? PathOf(candidate.Match).Value.TrimEnd('/').Length : 0)
            .ThenByDescending(static candidate => candidate.Match.Method is not null)
            .ThenByDescending(static candidate => candidate.Match.Headers.Select(static header => header.Name.ToUpperInvariant()).Distinct().Count())
            .ThenByDescending(static candidate => candidate.Match.QueryParams.Select(static parameter => parameter.Name).Distinct().Count())

            // "first in alphabetical order", then "the FIRST matching rule (in list order)"
            .ThenBy(static candidate => candidate.Name, StringComparer.Ordinal)
            .ThenBy(static candidate => candidate.Position)
            .Select(static candidate => candidate.Rule.Name)
            .FirstOrDefault();

    private static PathMatchOptions PathOf(RouteMatchOptions match) => match.Path ?? new PathMatchOptions();

    private static bool HostHolds(string pattern, string host)
    {
        var name = host.Split(':')[0].ToUpperInvariant();
        pattern = pattern.ToUpperInvariant();
        return pattern.Length == 0
            || (pattern.StartsWith('*') ? name.Length >= pattern.Length && name.EndsWith(pattern[1..], StringComparison.Ordinal) : name == pattern);
    }

    private static bool Holds(RouteMatchOptions match, NaiveRequest request) =>
        PathHolds(PathOf(match), request.Path)
        && (match.Method is null || match.Method == request.Method)
        && match.Headers.DistinctBy(static header => header.Name.ToUpperInvariant())
            .All(header => ValueHolds(
                header.Type,
                header.Value,
                [.. request.Headers.Where(sent => sent.Name.Equals(header.Name, StringComparison.OrdinalIgnoreCase)).Select(static sent => sent.Value)]))
        && match.QueryParams.DistinctBy(static parameter => parameter.Name)
            .All(parameter => ValueHolds(
                parameter.Type,
                parameter.Value,
                [.. Parse(request.Query).Where(sent => sent.Name == parameter.Name).Select(static sent => sent.Value).Take(1)]));

    private static bool ValueHolds(ValueMatchType type, string value, string[] sent) => type switch
    {
        ValueMatchType.Present => sent.Length > 0,
        ValueMatchType.Absent => sent.Length == 0,
        ValueMatchType.RegularExpression => sent.Any(text => IsWholeMatch(text, value)),
        _ => sent.Any(text => text == value),
    };

    private static bool PathHolds(PathMatchOptions match, string path) => match.Type switch
    {
        PathMatchType.Exact => path == match.Value,
        PathMatchType.RegularExpression => IsWholeMatch(path, match.Value),
        _ => Segments(path).Take(Segments(match.Value).Length).SequenceEqual(Segments(match.Value)),
    };

    // With the backtracking engine: another one than the table's.
    private static bool IsWholeMatch(string text, string pattern) => Regex.IsMatch(text, $"^(?:{pattern})$");

    private static string[] Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<(string Name, string Value)> Parse(string query) =>
        query.Split('&').Select(static pair => pair.Split('=', 2)).Select(static pair => (Decode(pair[0]), pair.Length > 1 ? Decode(pair[1]) : ""));

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>A request in plain values.</summary>
internal sealed record NaiveRequest(string Host, string Path, string Query, string Method, (string Name, string Value)[] Headers)
{
    public TestRequest ToTestRequest() => new(Host, Path, Query, Method, Headers);

    public override string ToString() => ToTestRequest().ToString();
}
