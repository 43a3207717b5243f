using Mesh.Client.Calls;

namespace Mesh.Client.Timeouts;

/// <summary>A response body of which no read may take longer than the idle time-out. Synchronous reads are not bounded: they cannot be cancelled.</summary>
internal sealed class GuardedStream(Stream body, TimeSpan idle, TimeProvider time, BodyRecovery? recovery) : Stream
{
    private Stream _body = body;
    private BodyRecovery? _recovery = recovery;

    public override bool CanRead => _body.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => _body.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _body.Read(buffer);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _recovery is null ? ReadGuardedAsync(buffer, cancellationToken) : ReadFirstAsync(_recovery, buffer, cancellationToken);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _body.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadFirstAsync(BodyRecovery recovery, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var length = await ReadGuardedAsync(buffer, cancellationToken).ConfigureAwait(false);

                // From here on somebody has a part of this body, and another one's rest may not fit it.
                _recovery = buffer.IsEmpty ? recovery : null;
                return length;
            }
            catch (Exception exception) when (BodyRecovery.IsBroken(exception))
            {
                if (await recovery.TryAgainAsync(cancellationToken).ConfigureAwait(false) is not { } again)
                {
                    throw;
                }

                _body = again;
            }
        }
    }

    private async ValueTask<int> ReadGuardedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var guard = AttemptTimeout.Start(idle, time, cancellationToken);
        try
        {
            return await _body.ReadAsync(buffer, guard.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (OperationCanceledException exception) when (guard.IsCancellationRequested)
        {
            var message = $"The body of the response stood still for {idle}.";
            throw new TaskCanceledException(message, new TimeoutException(message, exception));
        }
        finally
        {
            guard.Return();
        }
    }
}
