using Mesh.Paths;

namespace Mesh.Authorization;

/// <summary>Compiles one value of <c>Paths</c> or <c>NotPaths</c>.</summary>
internal static class PathCompiler
{
    public const string Allowed =
        "a canonical path ('/a/b'), 'prefix*', '*suffix', '*', or a template whose operators {*} and {**} are segments of their own, {**} the last";

    /// <summary>The pattern, or <see langword="null"/> when a canonical path could never match the value.</summary>
    /// <param name="value">What the policy says.</param>
    /// <param name="refuses">Whether a match refuses the request.</param>
    public static TextPattern? Parse(string value, bool refuses)
    {
        if (!CanMatch(value))
        {
            return null;
        }

        if (!refuses)
        {
            return Parse(value, StringComparison.Ordinal);
        }

        var path = WithoutEnd(value, "/") ?? value;
        var parent = WithoutEnd(path, "/*") ?? WithoutEnd(path, "/{**}");
        return Parse(path, StringComparison.OrdinalIgnoreCase) is { } pattern
            ? new RoutedPathPattern(pattern, parent is null ? null : Parse(parent, StringComparison.OrdinalIgnoreCase))
            : null;
    }

    private static TextPattern? Parse(string path, StringComparison comparison) =>
        PathTemplate.IsTemplate(path) ? PathTemplate.Parse(path, comparison) : WildcardPattern.Parse(path, comparison);

    private static string? WithoutEnd(string path, string end) =>
        path.Length > end.Length && path.EndsWith(end, StringComparison.Ordinal) ? path[..^end.Length] : null;

    // A value that no canonical path can match is a policy that is not in force, so it is refused.
    private static bool CanMatch(string value)
    {
        var example = value.Replace("{**}", "x", StringComparison.Ordinal).Replace("{*}", "x", StringComparison.Ordinal) switch
        {
            ['*', .. var end] => $"/x{end}",
            [.. var start, '*'] => start,
            var path => path,
        };
        return CanonicalPath.TryCreate(example, out var canonical, out _, out _) && ReferenceEquals(canonical, example);
    }
}
