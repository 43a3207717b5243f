using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates the matches of a rule and compiles them.</summary>
internal static class MatchCompiler
{
    private static readonly RouteMatchOptions EveryRequest = new();

    /// <summary>Each match with the path it is found under. A rule without matches takes every request.</summary>
    public static IEnumerable<CompiledMatch> Compile(
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

    private static CompiledMatch Compile(
        RouteMatchOptions match,
        RouteRule rule,
        int position,
        string path,
        ConfigurationErrors errors)
    {
        var pathMatch = match.Path ?? new PathMatchOptions();
        var isPattern = pathMatch.Type == PathMatchType.RegularExpression;
        if (!isPattern && !RouteSyntax.IsCanonicalPath(pathMatch.Value))
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
        return new CompiledMatch(
            compiled,
            pathMatch.Value,
            pathMatch.Type,
            isPattern ? WholeMatch.Compile(pathMatch.Value, $"{path}:Path:Value", errors) : null);
    }

    public static HeaderMatch[] CompileHeaders(List<HeaderMatchOptions> headers, string path, ConfigurationErrors errors)
    {
        // HTTPRoute: of entries with an equivalent name only the first is considered.
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        List<HeaderMatch> compiled = [];
        for (var i = 0; i < headers.Count; i++)
        {
            var header = headers[i];
            if (!RouteSyntax.IsToken(header.Name))
            {
                errors.Add($"{path}:{i}:Name", header.Name, "the name of a header field");
            }

            if (header.Type == ValueMatchType.Exact && !RouteSyntax.IsFieldValue(header.Value))
            {
                errors.Add($"{path}:{i}:Value", header.Value, "printable ASCII without spaces around it");
            }

            var value = ValueMatch.Compile(header.Type, header.Value, $"{path}:{i}", errors);
            if (names.Add(header.Name))
            {
                compiled.Add(new HeaderMatch(header.Name, value));
            }
        }

        return [.. compiled];
    }

    private static QueryMatch[] CompileQuery(List<QueryParamMatchOptions> parameters, string path, ConfigurationErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        List<QueryMatch> compiled = [];
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            if (parameter.Name.Length == 0)
            {
                errors.Add($"{path}:{i}:Name", parameter.Name, "the decoded name of a query parameter");
            }

            var value = ValueMatch.Compile(parameter.Type, parameter.Value, $"{path}:{i}", errors);
            if (names.Add(parameter.Name))
            {
                compiled.Add(new QueryMatch(parameter.Name, value));
            }
        }

        return [.. compiled];
    }
}
