using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Hygiene;

/// <summary>Reads <c>Via</c> (RFC 9110, 7.6.3): <c>1.1 first, HTTP/2 second (a comment, of two words)</c>.</summary>
internal static class ViaField
{
    /// <summary>Whether a proxy of this name is among those a request has passed.</summary>
    public static bool Names(StringValues via, string name)
    {
        foreach (var line in via)
        {
            if (NamesIn(line, name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool NamesIn(ReadOnlySpan<char> line, string name)
    {
        while (!line.IsEmpty)
        {
            var length = ElementLength(line);
            if (IsBy(line[..length].Trim(" \t"), name))
            {
                return true;
            }

            line = length < line.Length ? line[(length + 1)..] : default;
        }

        return false;
    }

    private static bool IsBy(ReadOnlySpan<char> element, string name)
    {
        var blank = element.IndexOfAny(' ', '\t');
        if (blank < 0)
        {
            return false;
        }

        var by = element[blank..].TrimStart(" \t");
        var end = by.IndexOfAny(" \t(");
        return (end < 0 ? by : by[..end]).Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    // Up to the comma; those in comments do not count.
    private static int ElementLength(ReadOnlySpan<char> line)
    {
        var depth = 0;
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    break;
                case '\\':
                    i++;
                    break;
                case ',' when depth <= 0:
                    return i;
                default:
                    break;
            }
        }

        return line.Length;
    }
}
