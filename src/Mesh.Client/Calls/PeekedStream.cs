namespace Mesh.Client.Calls;

/// <summary>A stream whose beginning lies in a buffer, or will when the first read ends.</summary>
internal sealed class PeekedStream(Stream body, byte[] buffer, Task<int> first) : Stream
{
    private int _taken;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> destination)
    {
        var length = first.GetAwaiter().GetResult();
        return _taken < length ? Take(destination, length) : body.Read(destination);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var length = await first.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _taken < length
            ? Take(destination.Span, length)
            : await body.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await body.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Take(Span<byte> destination, int length)
    {
        var count = Math.Min(destination.Length, length - _taken);
        buffer.AsSpan(_taken, count).CopyTo(destination);
        _taken += count;
        return count;
    }
}
