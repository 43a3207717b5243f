namespace Mesh.Authorization;

/// <summary>The positive and the <c>Not</c> form of one field; <see langword="null"/> is a form that was not given.</summary>
internal readonly struct FieldMatcher(TextPattern[]? any, TextPattern[]? none)
{
    /// <summary>Whether an attribute satisfies both forms. An absent attribute, <see langword="null"/> or empty, matches no pattern.</summary>
    public bool Holds(string? attribute) => (any is null || MatchesAny(any, attribute)) && (none is null || !MatchesAny(none, attribute));

    private static bool MatchesAny(TextPattern[] patterns, string? attribute)
    {
        if (string.IsNullOrEmpty(attribute))
        {
            return false;
        }

        foreach (var pattern in patterns)
        {
            if (pattern.Matches(attribute))
            {
                return true;
            }
        }

        return false;
    }
}
