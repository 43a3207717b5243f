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

    // A value that cannot match is a policy that is not in force, so it is refused: dot segments, empty segments,
    // queries and backslashes do not survive canonicalisation.
    private static bool CanMatch(string value) =>
        value is ['/' or '*', ..]
        && !value.AsSpan().ContainsAny('?', '#', '\\')
        && !value.Contains("//", StringComparison.Ordinal)
        && !HasDotSegment(value);

    private static bool HasDotSegment(ReadOnlySpan<char> value)
    {
        foreach (var range in value.Split('/'))
        {
            if (value[range] is "." or "..")
            {
                return true;
            }
        }

        return false;
    }
}
