namespace Mesh.Client.Limits;

/// <summary>
/// Lets so many calls of a service run at a time, and so many wait, first come first served. A free slot is one
/// compare-and-swap; only who waits, and who wakes one that waits, takes the lock.
/// </summary>
internal sealed class CallSlots(int maxActive, int maxPending, TimeProvider time)
{
    private readonly Lock _queueing = new();
    private readonly LinkedList<TaskCompletionSource> _queue = [];
    private volatile int _maxActive = maxActive;
    private volatile int _maxPending = maxPending;
    private volatile int _pending;
    private int _active;

    public int Active => Volatile.Read(ref _active);

    public int Pending => _pending;

    /// <summary>Changes the limits. Where more may run now, those that wait begin; where fewer may, those that run end as ever.</summary>
    public void Use(int active, int pending)
    {
        lock (_queueing)
        {
            (_maxActive, _maxPending) = (active, pending);
            Wake_NeedsLock();
        }
    }

    /// <summary>Takes a slot, if one is free and nobody waits for it.</summary>
    public bool TryEnter() => _pending == 0 && TryTake();

    /// <summary>Waits for a slot.</summary>
    /// <returns>Whether there was room to wait, and a slot in time.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<bool> WaitAsync(TimeSpan limit, CancellationToken caller)
    {
        LinkedListNode<TaskCompletionSource> waiter;
        lock (_queueing)
        {
            if (_pending == 0 && TryTake())
            {
                return true;
            }

            if (_pending >= _maxPending || limit <= TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan)
            {
                return false;
            }

            waiter = _queue.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _pending = _queue.Count;

            // One may have left since, and not seen that somebody waits.
            Wake_NeedsLock();
        }

        await waiter.Value.Task.WaitAsync(limit, time, caller).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!TryLeaveQueue(waiter))
        {
            if (!caller.IsCancellationRequested)
            {
                return true;
            }

            // It got the slot in the moment it gave up.
            Leave();
        }

        caller.ThrowIfCancellationRequested();
        return false;
    }

    /// <summary>Gives a slot back.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _active);
        if (_pending > 0)
        {
            lock (_queueing)
            {
                Wake_NeedsLock();
            }
        }
    }

    private bool TryTake()
    {
        var active = Volatile.Read(ref _active);
        while (active < _maxActive)
        {
            var found = Interlocked.CompareExchange(ref _active, active + 1, active);
            if (found == active)
            {
                return true;
            }

            active = found;
        }

        return false;
    }

    // False when it has been given a slot already.
    private bool TryLeaveQueue(LinkedListNode<TaskCompletionSource> waiter)
    {
        lock (_queueing)
        {
            if (waiter.List is null)
            {
                return false;
            }

            _queue.Remove(waiter);
            _pending = _queue.Count;
            return true;
        }
    }

    private void Wake_NeedsLock()
    {
        while (_queue.First is { } next && TryTake())
        {
            _queue.Remove(next);
            _pending = _queue.Count;
            next.Value.SetResult();
        }
    }
}
