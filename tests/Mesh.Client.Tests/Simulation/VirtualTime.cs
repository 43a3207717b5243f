namespace Mesh.Client.Tests.Simulation;

/// <summary>
/// A clock that jumps from event to event: timers and the events of the simulation in one queue, run by one thread in
/// the order of their time and, at the same time, of their making.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Entry, (long At, long Order)> _queue = new();
    private readonly Lock _lock = new();
    private long _now = TimeSpan.TicksPerHour;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Elapsed => TimeSpan.FromTicks(_now - TimeSpan.TicksPerHour);

    /// <summary>How many events have run.</summary>
    public long Events { get; private set; }

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => Epoch + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void After(TimeSpan delay, Action action) => Enqueue(new Entry(action), delay);

    /// <summary>Runs the next event, unless there is none before the end.</summary>
    public bool TryStep(TimeSpan end)
    {
        while (true)
        {
            Entry entry;
            lock (_lock)
            {
                if (!_queue.TryPeek(out entry!, out var next) || next.At - TimeSpan.TicksPerHour > end.Ticks)
                {
                    return false;
                }

                _queue.Dequeue();
                if (entry.IsCancelled)
                {
                    continue;
                }

                Volatile.Write(ref _now, next.At);
            }

            Events++;
            RunInline(entry.Action);
            return true;
        }
    }

    // A context of the test framework's would carry continuations to other threads.
    private static void RunInline(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private Entry Enqueue(Entry entry, TimeSpan delay)
    {
        lock (_lock)
        {
            _queue.Enqueue(entry, (_now + Math.Max(0, delay.Ticks), _order++));
        }

        return entry;
    }

    private sealed class Entry(Action action)
    {
        public Action Action => action;

        public volatile bool IsCancelled;
    }

    private sealed class Timer(VirtualTime time, Action callback) : ITimer
    {
        private Entry? _entry;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _entry = time.Enqueue(new Entry(() => Fire(period)), dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            if (_entry is { } entry)
            {
                entry.IsCancelled = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Fire(TimeSpan period)
        {
            if (period > TimeSpan.Zero)
            {
                _entry = time.Enqueue(new Entry(() => Fire(period)), period);
            }

            callback();
        }
    }
}
