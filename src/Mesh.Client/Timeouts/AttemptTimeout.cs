using System.Collections.Concurrent;

namespace Mesh.Client.Timeouts;

/// <summary>
/// The cancellation source of one attempt: fires when the attempt's time is up, or when the caller's token does.
/// Pooled, because a source, its timer and its registration list are most of what an attempt would allocate.
/// </summary>
internal sealed class AttemptTimeout : CancellationTokenSource
{
    private const int MaxPooled = 1024;

    private static readonly ConcurrentQueue<AttemptTimeout> Pool = new();
    private static int s_pooled;

    private readonly bool _poolable;
    private CancellationTokenRegistration _caller;

    private AttemptTimeout() => _poolable = true;

    // A virtual clock cannot reset its timers in place, and only tests have one.
    private AttemptTimeout(TimeSpan delay, TimeProvider time)
        : base(delay, time)
    {
    }

    public static AttemptTimeout Start(TimeSpan delay, TimeProvider time, CancellationToken caller)
    {
        AttemptTimeout? source;
        if (time != TimeProvider.System)
        {
            source = new AttemptTimeout(delay, time);
        }
        else
        {
            if (Pool.TryDequeue(out source))
            {
                Interlocked.Decrement(ref s_pooled);
            }
            else
            {
                source = new AttemptTimeout();
            }

            source.CancelAfter(delay);
        }

        source._caller = caller.UnsafeRegister(static state => ((AttemptTimeout)state!).Cancel(), source);
        return source;
    }

    /// <summary>Ends the attempt. The token must not be used afterwards.</summary>
    public void Return()
    {
        // Dispose waits for a callback that is running: afterwards the caller's token cannot reach this source any more.
        _caller.Dispose();
        _caller = default;
        if (_poolable && Volatile.Read(ref s_pooled) < MaxPooled && TryReset())
        {
            Interlocked.Increment(ref s_pooled);
            Pool.Enqueue(this);
        }
        else
        {
            Dispose();
        }
    }
}
