using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates the matches of a rule and compiles them.</summary>
internal static class MatchCompiler
{
    private static readonly RouteMatchOptions EveryRequest = new();

    /// <summary>Each match with the path it is found under. A rule without matches takes every request.</summary>
    public static IEnumerable<(RouteMatch Match, PathMatchType Type, string Path)> Compile(
        List<RouteMatchOptions> matches,
        RouteRule rule,
        int position,
        string path,
        ConfigurationErrors errors)
    {
        if (matches.Count == 0)
        {
            yield return Compile(EveryRequest, rule, position, path, errors);
        }

        for (var i = 0; i < matches.Count; i++)
        {
            yield return Compile(matches[i], rule, position, $"{path}:{i}", errors);
        }
    }

    private static (RouteMatch Match, PathMatchType Type, string Path) Compile(
        RouteMatchOptions match,
        RouteRule rule,
        int position,
        string path,
        ConfigurationErrors errors)
    {
        var pathMatch = match.Path ?? new PathMatchOptions();
        if (!RouteSyntax.IsCanonicalPath(pathMatch.Value))
        {
            errors.Add(
                $"{path}:Path:Value",
                pathMatch.Value,
                "an absolute path in canonical form: no query, '//', '.' or '..' segment, escaped slash, or escape of a character that needs none");
        }

        if (match.Method is { } method && !RouteSyntax.IsMethod(method))
        {
            errors.Add($"{path}:Method", method, "a method in upper case, such as 'GET'");
        }

        var compiled = new RouteMatch(
            rule,
            position,
            match.Method,
            CompileHeaders(match.Headers, $"{path}:Headers", errors),
            CompileQuery(match.QueryParams, $"{path}:QueryParams", errors));
        return (compiled, pathMatch.Type, pathMatch.Value);
    }

    private static RouteHeader[] CompileHeaders(List<HeaderMatchOptions> headers, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (!RouteSyntax.IsToken(headers[i].Name))
            {
                errors.Add($"{path}:{i}:Name", headers[i].Name, "the name of a header field");
            }

            if (!RouteSyntax.IsFieldValue(headers[i].Value))
            {
                errors.Add($"{path}:{i}:Value", headers[i].Value, "printable ASCII without spaces around it");
            }
        }

        // HTTPRoute: of entries with an equivalent name only the first is considered.
        return [.. headers.DistinctBy(static header => header.Name, StringComparer.OrdinalIgnoreCase).Select(static header => new RouteHeader(header.Name, header.Value))];
    }

    private static QueryMatch[] CompileQuery(List<QueryParamMatchOptions> parameters, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Name.Length == 0)
            {
                errors.Add($"{path}:{i}:Name", parameters[i].Name, "the decoded name of a query parameter");
            }
        }

        return [.. parameters.DistinctBy(static parameter => parameter.Name, StringComparer.Ordinal).Select(static parameter => new QueryMatch(parameter.Name, parameter.Value))];
    }
}
