using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Mesh.Client.Tokens;

/// <summary>SHA-256 of a caller's token: what may be kept of somebody else's secret.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CallerHash(ulong A, ulong B, ulong C, ulong D)
{
    private const int MaxStackBytes = 4096;

    public static CallerHash Of(CallerToken token)
    {
        var text = token.Value;
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = size > MaxStackBytes ? ArrayPool<byte>.Shared.Rent(size) : null;
        var bytes = rented ?? stackalloc byte[MaxStackBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], digest);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return MemoryMarshal.Read<CallerHash>(digest);
    }

    // The bits of a cryptographic hash are as good as random.
    public override int GetHashCode() => (int)A;
}
