using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Mesh.Gateway.Quotas;

namespace Mesh.Gateway.Usage;

/// <summary>
/// Writes records one behind the other, each as its length, its checksum and its content: texts in UTF-8 behind their length,
/// numbers in seven bits per byte, the lowest first. A record says the whole present value and not what was added.
/// </summary>
internal sealed class JournalWriter
{
    /// <summary>What stands in front of the content: its length, and the checksum over both.</summary>
    public const int FrameSize = 2 * sizeof(uint);

    /// <summary>The longest content: names are bounded, and so are the windows of a quota.</summary>
    public const int MaxContent = 8192;

    /// <summary>The first text of every file.</summary>
    public const string Magic = "mesh-usage-1";

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly byte[] _content = new byte[MaxContent];
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public int Length => _buffer.WrittenCount;

    public void Clear() => _buffer.ResetWrittenCount();

    public void WriteHeader(long generation)
    {
        Begin(RecordKind.Header);
        Text(Magic);
        Number(generation);
        End();
    }

    public void WriteQuota(QuotaKey key, QuotaFrame frame)
    {
        Begin(RecordKind.Quota);
        Text(key.Consumer);
        Text(key.Quota);
        Number((long)key.Period);
        Number((long)key.Window);
        Number(frame.Window);
        Number(frame.UsedHere);
        Number(frame.Older.Length);
        foreach (var used in frame.Older)
        {
            Number(used);
        }

        End();
    }

    public void WriteUsage(UsageKey key, long requests, long cost)
    {
        Begin(RecordKind.Usage);
        Number(key.Day);
        Text(key.Consumer);
        Text(key.Route);
        Number(key.Status);
        Number(requests);
        Number(cost);
        End();
    }

    private void Begin(RecordKind kind)
    {
        _length = 0;
        Number((long)kind);
    }

    private void Text(string text)
    {
        Number(Encoding.UTF8.GetByteCount(text));
        _length += Encoding.UTF8.GetBytes(text, _content.AsSpan(_length));
    }

    private void Number(long number)
    {
        var rest = (ulong)number;
        while (rest >= 0x80)
        {
            _content[_length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        _content[_length++] = (byte)rest;
    }

    private void End()
    {
        var record = _buffer.GetSpan(FrameSize + _length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)_length);
        _content.AsSpan(0, _length).CopyTo(record[FrameSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[sizeof(uint)..], ChecksumOf(record[..(FrameSize + _length)]));
        _buffer.Advance(FrameSize + _length);
    }

    /// <summary>The checksum of a record: of its content, and of its length by beginning with it.</summary>
    public static uint ChecksumOf(ReadOnlySpan<byte> record) =>
        Checksum.Of(record[FrameSize..]) ^ Checksum.Of(record[..sizeof(uint)]);
}
