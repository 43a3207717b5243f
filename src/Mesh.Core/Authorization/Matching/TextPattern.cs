namespace Mesh.Authorization;

/// <summary>A compiled value of a field. It is asked about attributes that are there and not empty.</summary>
internal abstract class TextPattern
{
    public abstract bool Matches(ReadOnlySpan<char> attribute);

    /// <summary>Whether one of several values matches; none matches what is absent, <see langword="null"/> or empty.</summary>
    public static bool AnyMatches(TextPattern[] patterns, string? attribute)
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

    /// <summary>The same for something that goes by several names.</summary>
    public static bool AnyMatches(TextPattern[] patterns, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (AnyMatches(patterns, name))
            {
                return true;
            }
        }

        return false;
    }
}
