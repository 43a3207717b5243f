using System.Buffers;
using System.Security.Cryptography;

namespace Mesh.ApiKeys;

/// <summary>
/// API keys in the form that GitHub's tokens made known: <c>{prefix}_{30 random characters}{6 characters of checksum}</c>.
/// The prefix tells whoever finds one what it is, and the checksum lets a scanner or a server tell a key from a text
/// that looks like one, without asking anybody.
/// </summary>
/// <remarks>
/// The random part has 178 bits. The checksum is the CRC-32 (that of zlib) of everything before it, in base 62 with the
/// digits <c>0-9A-Za-z</c>, the most significant first.
/// </remarks>
public static class ApiKey
{
    /// <summary>The prefix of keys unless another is chosen.</summary>
    public const string DefaultPrefix = "mesh";

    /// <summary>The most characters a key has, of whatever form.</summary>
    public const int MaxLength = 256;

    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int RandomLength = 30;
    private const int ChecksumLength = 6;
    private const int MaxPrefixLength = 32;

    // IEEE 802.3, reflected.
    private const uint Polynomial = 0xEDB88320;

    private static readonly SearchValues<char> DigitValues = SearchValues.Create(Digits);

    /// <summary>Makes a key from the system's source of secrets.</summary>
    /// <param name="prefix">Letters, digits and underscores, beginning with a letter; at most 32.</param>
    /// <exception cref="ArgumentException"><paramref name="prefix"/> is not allowed.</exception>
    public static string Generate(string prefix = DefaultPrefix)
    {
        if (!IsPrefix(prefix))
        {
            throw new ArgumentException($"'{prefix}' is no prefix of a key: letters, digits and underscores are, up to {MaxPrefixLength}, beginning with a letter.", nameof(prefix));
        }

        var body = $"{prefix}_{RandomNumberGenerator.GetString(Digits, RandomLength)}";
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(body, checksum);
        return $"{body}{checksum}";
    }

    /// <summary>Whether keys may begin with this.</summary>
    public static bool IsPrefix(string? prefix) =>
        prefix is { Length: > 0 and <= MaxPrefixLength }
        && char.IsAsciiLetter(prefix[0])
        && prefix.All(static character => character == '_' || char.IsAsciiLetterOrDigit(character));

    /// <summary>Whether <paramref name="key"/> has the form of a key with this prefix, and the right checksum.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> key, string prefix = DefaultPrefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (key.Length != prefix.Length + 1 + RandomLength + ChecksumLength
            || !key.StartsWith(prefix, StringComparison.Ordinal)
            || key[prefix.Length] != '_'
            || key[(prefix.Length + 1)..].ContainsAnyExcept(DigitValues))
        {
            return false;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(key[..^ChecksumLength], checksum);
        return key.EndsWith(checksum, StringComparison.Ordinal);
    }

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> checksum)
    {
        var remainder = Crc32(body);
        for (var i = checksum.Length - 1; i >= 0; i--)
        {
            (remainder, var digit) = Math.DivRem(remainder, (uint)Digits.Length);
            checksum[i] = Digits[(int)digit];
        }
    }

    // Of ASCII. Bit by bit: a table would not pay for 40 characters.
    private static uint Crc32(ReadOnlySpan<char> text)
    {
        var crc = uint.MaxValue;
        foreach (var character in text)
        {
            crc ^= character;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (Polynomial & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}
