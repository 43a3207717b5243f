using Mesh.Client.Calls;

namespace Mesh.Client.Timeouts;

/// <summary>A response body of which no read may take longer than the idle time-out. Synchronous reads are not bounded: they cannot be cancelled.</summary>
internal sealed class GuardedStream(Stream body, TimeSpan idle, TimeProvider time, BodyRecovery? recovery) : BodyStream(body)
{
    private BodyRecovery? _recovery = recovery;

    public override int Read(Span<byte> buffer) => Body.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _recovery is null ? ReadGuardedAsync(buffer, cancellationToken) : ReadFirstAsync(_recovery, buffer, cancellationToken);

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

                Body = again;
            }
        }
    }

    private async ValueTask<int> ReadGuardedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var guard = AttemptTimeout.Start(idle, time, cancellationToken);
        try
        {
            return await Body.ReadAsync(buffer, guard.Token).ConfigureAwait(false);
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
