using Mesh.Client.Pooling;

namespace Mesh.Client.Timeouts;

/// <summary>
/// The cancellation source of one attempt: fires when the attempt's time is up, or when the caller's token does.
/// Pooled, because a source, its timer and its registration list are most of what an attempt would allocate.
/// </summary>
/// <remarks>
/// Nearly every attempt ends long before its time is up, so the timer is not stopped with it: it finds out when it fires
/// that its attempt is over or that another one has begun, and is set anew for that. Setting and stopping it for each
/// attempt would be two visits to the locked queue of timers.
/// </remarks>
internal sealed class AttemptTimeout : CancellationTokenSource
{
    // In place of a moment: no attempt that could run out of time; one that has.
    private const long Never = long.MaxValue;
    private const long Fired = long.MinValue;

    private readonly Timer? _timer;
    private CancellationTokenRegistration _caller;
    private long _due = Never;
    private long _setFor = Never;

    private AttemptTimeout() => _timer = CreateTimer(this);

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
            source = SparePool<AttemptTimeout>.Take() ?? new AttemptTimeout();
            if (delay == TimeSpan.Zero)
            {
                source.Cancel();
            }
            else if (delay != Timeout.InfiniteTimeSpan)
            {
                source.RunUntil(Environment.TickCount64 + (long)Math.Ceiling(delay.TotalMilliseconds));
            }
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
        if (_timer is null)
        {
            Dispose();
        }
        else if (Interlocked.Exchange(ref _due, Never) == Fired)
        {
            // The timer may still be telling those who listen.
            _timer.Dispose();
        }
        else if (!TryReset())
        {
            _timer.Dispose();
            Dispose();
        }
        else
        {
            Keep();
        }
    }

    private void Keep()
    {
        if (!SparePool<AttemptTimeout>.TryPut(this))
        {
            _timer!.Dispose();
            Dispose();
        }
    }

    // The timer looks at _due after it has cleared _setFor, and here it is the other way round: at least one of the two
    // sees what the other has written, and sets the timer.
    private void RunUntil(long due)
    {
        Interlocked.Exchange(ref _due, due);
        if (Volatile.Read(ref _setFor) > due)
        {
            Set(due);
        }
    }

    private void Set(long due)
    {
        Volatile.Write(ref _setFor, due);
        _timer!.Change(Math.Max(1, due - Environment.TickCount64), Timeout.Infinite);
    }

    private void Tick()
    {
        Interlocked.Exchange(ref _setFor, Never);
        while (Volatile.Read(ref _due) is var due && due is not (Never or Fired))
        {
            if (Environment.TickCount64 < due)
            {
                Set(due);
                if (Volatile.Read(ref _due) == due)
                {
                    return;
                }
            }
            else if (Interlocked.CompareExchange(ref _due, Fired, due) == due)
            {
                // An attempt that begins at this moment has another moment to end at, and is not meant.
                Cancel();
                return;
            }
        }
    }

    // Made in the middle of somebody's call, and lives on without its context.
    private static Timer CreateTimer(AttemptTimeout source)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Create(source);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Create(source);
        }

        static Timer Create(AttemptTimeout source) => new(static state => ((AttemptTimeout)state!).Tick(), source, Timeout.Infinite, Timeout.Infinite);
    }
}
