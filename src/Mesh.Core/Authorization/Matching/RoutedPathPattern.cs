namespace Mesh.Authorization;

/// <summary>
/// Compares paths as ASP.NET Core routes them, where a match refuses: <c>/admin/</c> reaches the endpoint of <c>/admin</c>,
/// so one slash more or less must not be a way around a policy. (Neither must case be, which is the inner patterns' part.)
/// </summary>
/// <param name="pattern">Written without a slash at its end.</param>
/// <param name="parent">For <c>/admin/*</c>, which matches <c>/admin/</c>: <c>/admin</c>, the same path.</param>
internal sealed class RoutedPathPattern(TextPattern pattern, TextPattern? parent) : TextPattern
{
    public override bool Matches(ReadOnlySpan<char> attribute)
    {
        var path = attribute is [.. var start, '/'] && !start.IsEmpty ? start : attribute;
        return pattern.Matches(path) || parent?.Matches(path) == true;
    }
}
