using Mesh.Faults;

namespace Mesh.Server.Faults;

/// <summary>A stream that is written at a certain rate.</summary>
internal sealed class PacedWriteStream(Stream body, BodyPace pace) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => body.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => body.FlushAsync(cancellationToken);

    public override void Write(byte[] buffer, int offset, int count)
    {
        while (count > 0)
        {
            pace.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
            var part = Math.Min(count, pace.MaxPart);
            body.Write(buffer, offset, part);
            pace.Count(part);
            offset += part;
            count -= part;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            await pace.WaitAsync(cancellationToken).ConfigureAwait(false);
            var part = Math.Min(buffer.Length, pace.MaxPart);
            await body.WriteAsync(buffer[..part], cancellationToken).ConfigureAwait(false);
            await body.FlushAsync(cancellationToken).ConfigureAwait(false);
            pace.Count(part);
            buffer = buffer[part..];
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
