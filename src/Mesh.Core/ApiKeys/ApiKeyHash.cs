using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Mesh.ApiKeys;

/// <summary>
/// What is stored of an API key: its HMAC-SHA-256 under a secret of the service. Who reads the store learns no key, and
/// without the secret cannot even try one.
/// </summary>
/// <remarks>Looking a hash up takes a time that says nothing about a key, because nobody without the secret can choose a hash.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct ApiKeyHash : IEquatable<ApiKeyHash>
{
    /// <summary>The fewest bytes a secret has: as many as the hash.</summary>
    public const int MinSecretBytes = HMACSHA256.HashSizeInBytes;

    private const int TextLength = 43;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>The hash of a key.</summary>
    /// <param name="key">The key: printable ASCII, at most <see cref="ApiKey.MaxLength"/> characters.</param>
    /// <param name="secret">The secret of the service, at least <see cref="MinSecretBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The key or the secret is not as said.</exception>
    public static ApiKeyHash Of(ReadOnlySpan<char> key, ReadOnlySpan<byte> secret)
    {
        if (key.IsEmpty || key.Length > ApiKey.MaxLength || key.ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException($"A key is 1 to {ApiKey.MaxLength} printable ASCII characters.", nameof(key));
        }

        if (secret.Length < MinSecretBytes)
        {
            throw new ArgumentException($"A secret has at least {MinSecretBytes} bytes.", nameof(secret));
        }

        Span<byte> bytes = stackalloc byte[ApiKey.MaxLength];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, bytes[..Encoding.ASCII.GetBytes(key, bytes)], hash);
        bytes.Clear();
        return MemoryMarshal.Read<ApiKeyHash>(hash);
    }

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    public static bool TryParse(string? text, out ApiKeyHash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (text is not { Length: TextLength }
            || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length != bytes.Length)
        {
            return false;
        }

        hash = MemoryMarshal.Read<ApiKeyHash>(bytes);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(ApiKeyHash other) =>
        CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(new ReadOnlySpan<ApiKeyHash>(in this)),
            MemoryMarshal.AsBytes(new ReadOnlySpan<ApiKeyHash>(in other)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ApiKeyHash other && Equals(other);

    // The bits of a cryptographic hash are as good as random.

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_a;

    /// <summary>As base64url, in 43 characters.</summary>
    public override string ToString() => Base64Url.EncodeToString(MemoryMarshal.AsBytes(new ReadOnlySpan<ApiKeyHash>(in this)));

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(ApiKeyHash left, ApiKeyHash right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ApiKeyHash left, ApiKeyHash right) => !left.Equals(right);
}
