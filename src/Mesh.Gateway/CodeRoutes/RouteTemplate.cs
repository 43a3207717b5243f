using System.Text;
using System.Text.RegularExpressions;
using Mesh.Routing;

namespace Mesh.Gateway.CodeRoutes;

/// <summary>
/// Reads a path as ASP.NET writes it in its routes, and says it in the words of the Gateway API: literals are an exact path, a
/// catch-all behind literals is a prefix, and parameters are a regular expression.
/// </summary>
internal static class RouteTemplate
{
    // What ASP.NET's constraints take, in segments of a path.
    private static readonly Dictionary<string, string> Constraints = new(StringComparer.OrdinalIgnoreCase)
    {
        ["int"] = "-?[0-9]+",
        ["long"] = "-?[0-9]+",
        ["bool"] = "[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]",
        ["alpha"] = "[a-zA-Z]+",
        ["guid"] = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    };

    /// <exception cref="ArgumentException">The template is not one, or has something that has no equal here.</exception>
    public static PathMatchOptions Parse(string template)
    {
        if (!template.StartsWith('/'))
        {
            throw Refuse(template, "begins with '/'");
        }

        var segments = template == "/" ? [] : template[1..].Split('/');
        var isCatchAll = segments is [.., ['{', '*', .., '}']];
        var fixedSegments = isCatchAll ? segments[..^1] : segments;
        if (!Array.Exists(fixedSegments, static segment => segment.AsSpan().ContainsAny('{', '}', '*')))
        {
            var literal = $"/{string.Join('/', fixedSegments)}";
            return new PathMatchOptions { Type = isCatchAll ? PathMatchType.PathPrefix : PathMatchType.Exact, Value = literal };
        }

        var pattern = new StringBuilder();
        foreach (var segment in fixedSegments)
        {
            pattern.Append('/').Append(Pattern(segment, template));
        }

        return new PathMatchOptions { Type = PathMatchType.RegularExpression, Value = pattern.Append(isCatchAll ? "(?:/.*)?" : "").ToString() };
    }

    private static string Pattern(string segment, string template)
    {
        if (!segment.AsSpan().ContainsAny('{', '}', '*'))
        {
            return Regex.Escape(segment);
        }

        if (segment is not ['{', .. var inner, '}'] || inner.AsSpan().ContainsAny('{', '}', '*') || inner.AsSpan().ContainsAny('=', '?'))
        {
            throw Refuse(template, "has whole segments as parameters, {name} or {name:constraint}, and {**name} at its end");
        }

        var colon = inner.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? "[^/]+"
            : Constraints.TryGetValue(inner[(colon + 1)..], out var constraint) ? $"(?:{constraint})"
            : throw Refuse(template, $"has the constraints {string.Join(", ", Constraints.Keys)}");
    }

    private static ArgumentException Refuse(string template, string allowed) => new($"'{template}' is no path of a route: one {allowed}.", nameof(template));
}
