using System.Buffers;
using System.Net;
using Mesh.Paths;

namespace Mesh.Routing;

/// <summary>What names and values in routes may look like.</summary>
internal static class RouteSyntax
{
    private const int MaxHostnameLength = 253;
    private const int MaxLabelLength = 63;

    // RFC 9110, 5.6.2: token.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenCharacters);

    /// <summary>Whether <paramref name="text"/> is a method: a token in upper case, since methods are case-sensitive and <c>get</c> is a slip.</summary>
    public static bool IsMethod(ReadOnlySpan<char> text) => IsToken(text) && !text.ContainsAnyInRange('a', 'z');

    /// <summary>Whether <paramref name="text"/> can be sent as a field value: printable ASCII without spaces around it (RFC 9110, 5.5).</summary>
    public static bool IsFieldValue(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange(' ', '~') && text.Trim(' ').Length == text.Length;

    /// <summary>Whether <paramref name="text"/> is a path in canonical form, without a query.</summary>
    public static bool IsCanonicalPath(string text) =>
        CanonicalPath.TryCreate(text, out var canonical, out _, out _) && ReferenceEquals(canonical, text);

    /// <summary>Whether <paramref name="text"/> is a host name, with or without a leading wildcard label, and not an address.</summary>
    public static bool IsHostname(ReadOnlySpan<char> text) => IsPreciseHostname(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text);

    /// <summary>Whether <paramref name="text"/> is a host name without a wildcard, and not an address.</summary>
    public static bool IsPreciseHostname(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxHostnameLength || IPAddress.TryParse(text, out _))
        {
            return false;
        }

        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.Length is 0 or > MaxLabelLength || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(LabelCharacters))
            {
                return false;
            }
        }

        return true;
    }
}
