namespace Mesh.Client.Mirroring;

/// <summary>Writes to a stream and keeps what was written, up to a bound. The stream itself stays open.</summary>
internal sealed class RecordingStream(Stream inner, int limit) : Stream
{
    private MemoryStream? _recording = new();

    /// <summary>What was written, or <see langword="null"/> when it was too much.</summary>
    public byte[]? Recorded => _recording?.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Record(buffer);
        inner.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Record(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    private void Record(ReadOnlySpan<byte> buffer)
    {
        if (_recording is not { } recording)
        {
            return;
        }

        if (recording.Length + buffer.Length > limit)
        {
            _recording = null;
        }
        else
        {
            recording.Write(buffer);
        }
    }
}
