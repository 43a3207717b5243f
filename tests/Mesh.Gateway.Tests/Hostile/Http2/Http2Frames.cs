using System.Buffers.Binary;
using System.Text;

namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>Writes frames of RFC 9113 and fields of RFC 7541, whether they are allowed or not.</summary>
internal static class Http2Frames
{
    public const byte EndStream = 1;

    public const byte EndHeaders = 4;

    public const byte Padded = 8;

    public const byte Priority = 32;

    public static byte[] Preface { get; } = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    public static byte[] Data(int stream, string text, bool ends = true) => Frame(0, ends ? EndStream : (byte)0, stream, Encoding.Latin1.GetBytes(text));

    /// <summary>A whole header block of literal fields.</summary>
    public static byte[] Headers(int stream, bool ends, params (string Name, string Value)[] fields) => Block(stream, ends, Fields(fields));

    public static byte[] Block(int stream, bool ends, ReadOnlySpan<byte> block) =>
        Frame(1, (byte)(EndHeaders | (ends ? EndStream : 0)), stream, block);

    public static byte[] Continuation(int stream, bool ends, ReadOnlySpan<byte> block) => Frame(9, ends ? EndHeaders : (byte)0, stream, block);

    public static byte[] Reset(int stream) => Frame(3, 0, stream, [0, 0, 0, 8]);

    public static byte[] Settings(params (short Id, int Value)[] values)
    {
        var payload = new byte[6 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt16BigEndian(payload.AsSpan(6 * i), values[i].Id);
            BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(6 * i + 2), values[i].Value);
        }

        return Frame(4, 0, 0, payload);
    }

    public static byte[] Window(int stream, int increment) => Frame(8, 0, stream, Number(increment));

    /// <summary>Literal fields that are not indexed and not compressed.</summary>
    public static byte[] Fields(params (string Name, string Value)[] fields) =>
        [.. fields.SelectMany(static field => (byte[])[0, .. Text(field.Name), .. Text(field.Value)])];

    /// <summary>A field that the other side is to keep in its table.</summary>
    public static byte[] Kept(string name, string value) => [0x40, .. Text(name), .. Text(value)];

    /// <summary>An integer after a prefix of so many bits (RFC 7541, 5.1).</summary>
    public static byte[] Integer(byte first, int bits, int value)
    {
        var limit = (1 << bits) - 1;
        if (value < limit)
        {
            return [(byte)(first | value)];
        }

        var bytes = new List<byte> { (byte)(first | limit) };
        for (value -= limit; value >= 128; value >>= 7)
        {
            bytes.Add((byte)(value & 127 | 128));
        }

        return [.. bytes, (byte)value];
    }

    public static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Text(string text) => [.. Integer(0, 7, text.Length), .. Encoding.Latin1.GetBytes(text)];
}
