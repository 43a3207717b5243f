using System.Buffers.Binary;
using System.Numerics;

namespace Mesh.Gateway.Usage;

/// <summary>CRC-32C (Castagnoli; RFC 3720, B.4): finds every burst of up to 32 wrong bits, and others but for one in 2³².</summary>
internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var one in data)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
