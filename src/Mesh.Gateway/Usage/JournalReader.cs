using System.Buffers.Binary;
using System.Text;
using Mesh.Gateway.Quotas;

namespace Mesh.Gateway.Usage;

/// <summary>
/// Reads the records of a file up to the first one that is not whole: torn by a crash, or changed on the disk. What stands in
/// front of it is what was written, to the last bit.
/// </summary>
internal ref struct JournalReader(ReadOnlySpan<byte> data)
{
    private const int MaxOlder = 64;

    private readonly ReadOnlySpan<byte> _data = data;
    private ReadOnlySpan<byte> _content;
    private bool _isBad;

    /// <summary>How many bytes were whole records.</summary>
    public int Position { get; private set; }

    /// <summary>Whether everything was read, and nothing is left that could not be.</summary>
    public readonly bool IsAtEnd => Position == _data.Length;

    /// <summary>Reads the header.</summary>
    public bool TryReadHeader(out long generation)
    {
        generation = 0;
        if (!TryNext(out var kind, out var end) || kind != RecordKind.Header || Text() != JournalWriter.Magic)
        {
            return false;
        }

        generation = Number();
        return Accept(end);
    }

    /// <summary>Reads all further records.</summary>
    public void ReadInto(IJournalTarget target)
    {
        while (TryNext(out var kind, out var end) && (kind == RecordKind.Quota ? TryReadQuota(target, end) : kind == RecordKind.Usage && TryReadUsage(target, end)))
        {
        }
    }

    private bool TryReadQuota(IJournalTarget target, int end)
    {
        var key = new QuotaKey(Text(), Text(), (QuotaPeriod)Number(), (QuotaWindow)Number());
        var window = Number();
        var used = Number();
        var count = Number();
        if (count > MaxOlder)
        {
            return false;
        }

        var older = new long[count];
        for (var i = 0; i < older.Length; i++)
        {
            older[i] = Number();
        }

        if (!Enum.IsDefined(key.Period) || !Enum.IsDefined(key.Window) || !Accept(end))
        {
            return false;
        }

        target.Restore(key, new QuotaFrame(window, used, older));
        return true;
    }

    private bool TryReadUsage(IJournalTarget target, int end)
    {
        var day = Number();
        var key = new UsageKey((int)day, Text(), Text(), (int)Number());
        var requests = Number();
        var cost = Number();
        if (day > DateOnly.MaxValue.DayNumber || !Accept(end))
        {
            return false;
        }

        target.Restore(key, requests, cost);
        return true;
    }

    private bool TryNext(out RecordKind kind, out int end)
    {
        kind = default;
        end = 0;
        var rest = _data[Position..];
        if (rest.Length < JournalWriter.FrameSize || BinaryPrimitives.ReadUInt32LittleEndian(rest) is var length && length > JournalWriter.MaxContent)
        {
            return false;
        }

        var size = JournalWriter.FrameSize + (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
        if (rest.Length < size || BinaryPrimitives.ReadUInt32LittleEndian(rest[sizeof(uint)..]) != JournalWriter.ChecksumOf(rest[..size]))
        {
            return false;
        }

        _content = rest[JournalWriter.FrameSize..size];
        _isBad = false;
        end = Position + size;
        kind = (RecordKind)Number();
        return true;
    }

    // The whole content must have been what it was read as, and no more.
    private bool Accept(int end)
    {
        if (_isBad || !_content.IsEmpty)
        {
            return false;
        }

        Position = end;
        return true;
    }

    private string Text()
    {
        var length = Number();
        if (length > _content.Length)
        {
            _isBad = true;
            return "";
        }

        var text = Encoding.UTF8.GetString(_content[..(int)length]);
        _content = _content[(int)length..];
        return text;
    }

    // What is not a number of 63 bits is none of ours.
    private long Number()
    {
        var number = 0L;
        for (var i = 0; i < _content.Length && i < 9; i++)
        {
            number |= (long)(_content[i] & 0x7f) << (7 * i);
            if (_content[i] < 0x80)
            {
                _content = _content[(i + 1)..];
                return number;
            }
        }

        _isBad = true;
        return 0;
    }
}
