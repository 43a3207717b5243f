using System.Text.RegularExpressions;

namespace Mesh.Routing;

/// <summary>A match whose path is a regular expression.</summary>
/// <param name="Pattern">What the whole path must match.</param>
/// <param name="Length">How long its expression is, which decides between several.</param>
/// <param name="Match">The rest of the match.</param>
internal sealed record PathPattern(Regex Pattern, int Length, RouteMatch Match) : IComparable<PathPattern>
{
    /// <summary>The longer expression comes first, then the more specific match.</summary>
    public int CompareTo(PathPattern? other)
    {
        if (other is null)
        {
            return -1;
        }

        var order = other.Length.CompareTo(Length);
        return order != 0 ? order : Match.CompareTo(other.Match);
    }
}
