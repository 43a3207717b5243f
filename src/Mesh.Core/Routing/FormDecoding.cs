using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Mesh.Routing;

/// <summary>
/// Compares the text of a query parameter with what it should decode to, as application/x-www-form-urlencoded
/// (URL standard, 5.1): <c>+</c> is a space, an escape is an octet, and a percent sign that begins no escape is itself.
/// </summary>
internal static class FormDecoding
{
    private const int MaxUtf8Length = 4;
    private const int StackLimit = 512;

    /// <summary>Whether <paramref name="encoded"/> decodes to the octets <paramref name="expected"/>.</summary>
    public static bool Equals(ReadOnlySpan<char> encoded, ReadOnlySpan<byte> expected)
    {
        Span<byte> octets = stackalloc byte[MaxUtf8Length];
        while (!encoded.IsEmpty)
        {
            var consumed = DecodeOne(encoded, octets, out var written);
            if (!expected.StartsWith(octets[..written]))
            {
                return false;
            }

            encoded = encoded[consumed..];
            expected = expected[written..];
        }

        return expected.IsEmpty;
    }

    /// <summary>Whether what <paramref name="encoded"/> decodes to matches <paramref name="pattern"/>.</summary>
    public static bool IsMatch(ReadOnlySpan<char> encoded, Regex pattern)
    {
        if (!encoded.ContainsAny('%', '+'))
        {
            return pattern.IsMatch(encoded);
        }

        // A character becomes at most three octets, or four with its second half; octets never become more characters.
        var size = encoded.Length * 3;
        byte[]? rentedOctets = null;
        char[]? rentedText = null;
        var octets = size <= StackLimit ? stackalloc byte[StackLimit] : rentedOctets = ArrayPool<byte>.Shared.Rent(size);
        var text = size <= StackLimit ? stackalloc char[StackLimit] : rentedText = ArrayPool<char>.Shared.Rent(size);
        var length = 0;
        while (!encoded.IsEmpty)
        {
            encoded = encoded[DecodeOne(encoded, octets[length..], out var written)..];
            length += written;
        }

        var holds = pattern.IsMatch(text[..Encoding.UTF8.GetChars(octets[..length], text)]);
        if (rentedOctets is not null)
        {
            ArrayPool<byte>.Shared.Return(rentedOctets);
            ArrayPool<char>.Shared.Return(rentedText!);
        }

        return holds;
    }

    private static int DecodeOne(ReadOnlySpan<char> encoded, Span<byte> octets, out int written)
    {
        written = 1;
        switch (encoded[0])
        {
            case '+':
                octets[0] = (byte)' ';
                return 1;
            case '%' when encoded.Length > 2 && char.IsAsciiHexDigit(encoded[1]) && char.IsAsciiHexDigit(encoded[2]):
                octets[0] = (byte)((HexValue(encoded[1]) << 4) | HexValue(encoded[2]));
                return 3;
            default:
                Rune.DecodeFromUtf16(encoded, out var rune, out var consumed);
                written = rune.EncodeToUtf8(octets);
                return consumed;
        }
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
