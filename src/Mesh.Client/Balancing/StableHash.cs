using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace Mesh.Client.Balancing;

/// <summary>XXH64 of a text's UTF-8 form: the same in every process and language, unlike <see cref="string.GetHashCode()"/>.</summary>
internal static class StableHash
{
    private const int OnStack = 256;

    public static ulong Of(ReadOnlySpan<char> text, long seed = 0)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (size <= OnStack)
        {
            Span<byte> bytes = stackalloc byte[OnStack];
            return XxHash64.HashToUInt64(bytes[..Encoding.UTF8.GetBytes(text, bytes)], seed);
        }

        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            return XxHash64.HashToUInt64(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)), seed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
