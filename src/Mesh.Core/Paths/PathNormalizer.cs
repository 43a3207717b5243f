using System.Buffers;

namespace Mesh.Paths;

/// <summary>Writes the canonical form of a path, one segment at a time.</summary>
internal static class PathNormalizer
{
    private const string UpperHex = "0123456789ABCDEF";

    // RFC 3986, 2.3.
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    // Printable, and not allowed in a path as they are (RFC 3986, 3.3).
    private static readonly SearchValues<char> MustBeEscaped = SearchValues.Create("\"<>[]^`{|}");

    /// <summary>Normalizes <paramref name="path"/>, which is printable ASCII and begins with a slash or backslash.</summary>
    /// <param name="path">The path.</param>
    /// <param name="keepSlashes">Whether escaped slashes are kept.</param>
    /// <param name="output">At least three times as long.</param>
    /// <param name="length">How much of it was written.</param>
    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    public static string? Normalize(ReadOnlySpan<char> path, bool keepSlashes, Span<char> output, out int length)
    {
        length = 0;
        while (!path.IsEmpty)
        {
            // Here the path is at a separator.
            var rest = path[1..];
            var end = rest.IndexOfAny('/', '\\');
            var segment = end < 0 ? rest : rest[..end];
            path = end < 0 ? default : rest[end..];

            output[length] = '/';
            var start = length + 1;
            if (WriteSegment(segment, keepSlashes, output[start..], out var written) is { } error)
            {
                return error;
            }

            switch (output.Slice(start, written))
            {
                case "" or ".":
                    // Dropped, with its separator unless it is the last: "/a/." is "/a/".
                    length = path.IsEmpty ? start : length;
                    break;
                case "..":
                    length = Math.Max(0, output[..length].LastIndexOf('/'));
                    length = path.IsEmpty ? length + 1 : length;
                    break;
                case var dots when dots.StartsWith(".;") || dots.StartsWith("..;"):
                    return "the path has a dot segment with a parameter";
                case var kept when keepSlashes && HidesDots(kept):
                    return "the path has a dot segment behind an escaped slash";
                default:
                    length = start + written;
                    break;
            }
        }

        return null;
    }

    // Dots are decoded here, and escapes have upper-case digits.
    private static bool HidesDots(ReadOnlySpan<char> segment)
    {
        var slash = segment.IndexOf(CanonicalPath.EscapedSlash);
        while (slash >= 0)
        {
            if (IsDots(segment[..slash]))
            {
                return true;
            }

            segment = segment[(slash + CanonicalPath.EscapedSlash.Length)..];
            slash = segment.IndexOf(CanonicalPath.EscapedSlash);
            if (slash < 0 && IsDots(segment))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDots(ReadOnlySpan<char> segment) => segment is "." or ".." || segment.StartsWith(".;") || segment.StartsWith("..;");

    private static string? WriteSegment(ReadOnlySpan<char> segment, bool keepSlashes, Span<char> output, out int written)
    {
        written = 0;
        var previousOctet = -1;
        for (var i = 0; i < segment.Length; i++)
        {
            var character = segment[i];
            if (character != '%')
            {
                written += MustBeEscaped.Contains(character) ? Escape(character, output[written..]) : Copy(character, output[written..]);
                previousOctet = -1;
                continue;
            }

            if (i + 2 >= segment.Length || !char.IsAsciiHexDigit(segment[i + 1]) || !char.IsAsciiHexDigit(segment[i + 2]))
            {
                return "the path has a percent sign that begins no escape";
            }

            var octet = (HexValue(segment[i + 1]) << 4) | HexValue(segment[i + 2]);
            if (!(keepSlashes && octet == '/') && FindOctetError(octet, previousOctet) is { } error)
            {
                return error;
            }

            written += octet < 0x80 && Unreserved.Contains((char)octet) ? Copy((char)octet, output[written..]) : Escape(octet, output[written..]);
            previousOctet = octet;
            i += 2;
        }

        return null;
    }

    private static string? FindOctetError(int octet, int previous) => octet switch
    {
        '/' or '\\' => "the path has an escaped slash or backslash",
        < 0x20 or 0x7F => "the path has an escaped control character",

        // RFC 3629, 3: C0 and C1, and E0 or F0 followed by less than A0 or 90, encode a character in more octets than it needs.
        0xC0 or 0xC1 => "the path has overlong UTF-8",
        >= 0x80 and < 0xA0 when previous == 0xE0 => "the path has overlong UTF-8",
        >= 0x80 and < 0x90 when previous == 0xF0 => "the path has overlong UTF-8",
        _ => null,
    };

    private static int Copy(char character, Span<char> output)
    {
        output[0] = character;
        return 1;
    }

    private static int Escape(int octet, Span<char> output)
    {
        output[0] = '%';
        output[1] = UpperHex[octet >> 4];
        output[2] = UpperHex[octet & 0xF];
        return 3;
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
