using System.IO.Pipelines;

namespace Mesh.Server.Deadlines;

/// <summary>The response body as a pipe, behind a <see cref="DeadlineGate"/>.</summary>
internal sealed class GatedPipeWriter(DeadlineGate gate, PipeWriter inner) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    // Memory of the response is given out only to whoever has taken it: bytes written to it go out in front of any answer.
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        gate.Enter();
        return inner.GetMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        gate.Enter();
        return inner.GetSpan(sizeHint);
    }

    public override void Advance(int bytes)
    {
        gate.Enter();
        inner.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        gate.Enter();
        return inner.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        gate.Enter();
        return inner.WriteAsync(source, cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        gate.Enter();
        inner.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        gate.Enter();
        return inner.CompleteAsync(exception);
    }
}
