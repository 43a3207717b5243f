namespace Mesh.Server.Deadlines;

/// <summary>The timer of a request that has a deadline, and the token that the application sees.</summary>
/// <remarks>
/// A timer may fire after it was stopped, when its callback was on its way to a thread. So it does not know its request by
/// itself but looks who has it when it fires: nobody, or a later request, which sees that it is too early for it.
/// </remarks>
internal sealed class DeadlineTimer
{
    private readonly DeadlineTimers _owner;
    private readonly ITimer _timer;
    private DeadlineGate? _gate;
    private int _running;

    public DeadlineTimer(DeadlineTimers owner)
    {
        _owner = owner;

        // It outlives the request that happens to make it.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = owner.Time.CreateTimer(static self => ((DeadlineTimer)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public DeadlineTimers Owner => _owner;

    public CancellationTokenSource Aborted { get; } = new();

    public void Start(DeadlineGate gate, TimeSpan due)
    {
        Volatile.Write(ref _gate, gate);
        Change(due);
    }

    public void Change(TimeSpan due) => _timer.Change(due, Timeout.InfiniteTimeSpan);

    /// <summary>Stops it. When this is done no callback of the request runs, nor will.</summary>
    /// <returns>Whether it may serve another request: for <see cref="GiveBack"/>.</returns>
    public async ValueTask<bool> StopAsync()
    {
        Change(Timeout.InfiniteTimeSpan);

        // Either the callback sees that the request has gone, or it is seen here: the exchange is a full fence, as is that there.
        Interlocked.Exchange(ref _gate, null);
        if (Volatile.Read(ref _running) == 0)
        {
            return true;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        return false;
    }

    /// <summary>Makes it another request's, unless it has fired.</summary>
    /// <param name="isStopped">What <see cref="StopAsync"/> has said.</param>
    public void GiveBack(bool isStopped)
    {
        if (isStopped && Aborted.TryReset())
        {
            _owner.GiveBack(this);
            return;
        }

        _timer.Dispose();
        Aborted.Dispose();
    }

    private void Fire()
    {
        Interlocked.Increment(ref _running);
        Volatile.Read(ref _gate)?.Expire();
        Interlocked.Decrement(ref _running);
    }
}
