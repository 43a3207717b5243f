using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Mesh.Server.Authentication;

/// <summary>SHA-256 of a token: what a cache may keep of a secret.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    private const int MaxStackBytes = 1024;

    /// <returns><see langword="false"/> for a text that is not ASCII, as every token is.</returns>
    public static bool TryOf(ReadOnlySpan<char> token, out TokenHash hash)
    {
        var rented = token.Length > MaxStackBytes ? ArrayPool<byte>.Shared.Rent(token.Length) : null;
        var bytes = rented ?? stackalloc byte[MaxStackBytes];
        try
        {
            if (Ascii.FromUtf16(token, bytes, out var length) != OperationStatus.Done)
            {
                hash = default;
                return false;
            }

            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes[..length], digest);
            hash = MemoryMarshal.Read<TokenHash>(digest);
            return true;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
            }
        }
    }

    // The bits of a cryptographic hash are as good as random.
    public override int GetHashCode() => (int)A;
}
