namespace Mesh.Authorization;

/// <summary>The positive and the <c>Not</c> form of one field; <see langword="null"/> is a form that was not given.</summary>
internal readonly struct FieldMatcher(TextPattern[]? any, TextPattern[]? none)
{
    /// <summary>Whether an attribute satisfies both forms. An absent attribute, <see langword="null"/> or empty, matches no pattern.</summary>
    public bool Holds(string? attribute) => (any is null || MatchesAny(any, attribute)) && (none is null || !MatchesAny(none, attribute));

    /// <summary>The same for something that goes by several names: one that matches is enough, for either form.</summary>
    public bool Holds(ReadOnlySpan<string> names) => (any is null || MatchesAny(any, names)) && (none is null || !MatchesAny(none, names));

    private static bool MatchesAny(TextPattern[] patterns, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (MatchesAny(patterns, name))
            {
                return true;
            }
        }

        return false;
    }

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
