using Mesh.Faults;

namespace Mesh.Client.Faults;

/// <summary>A stream that is read at a certain rate.</summary>
internal sealed class PacedStream(Stream body, BodyPace pace) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        pace.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        return Count(body.Read(buffer, offset, Math.Min(count, pace.MaxPart)));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await pace.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Count(await body.ReadAsync(buffer[..Math.Min(buffer.Length, pace.MaxPart)], cancellationToken).ConfigureAwait(false));
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

    private int Count(int length)
    {
        pace.Count(length);
        return length;
    }
}
