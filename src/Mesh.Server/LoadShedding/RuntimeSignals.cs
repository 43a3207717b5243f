namespace Mesh.Server.LoadShedding;

/// <summary>How late the thread pool is, and how long the garbage collector holds the process.</summary>
internal sealed class RuntimeSignals(TimeProvider time) : IRuntimeSignals, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Queued = 1;

    private int _state;
    private long _queuedAt;
    private long _delay;
    private TimeSpan _pauses = GC.GetTotalPauseDuration();
    private long _pausesAt = time.GetTimestamp();

    public bool IsStrained(LoadSheddingOptions options)
    {
        var now = time.GetTimestamp();
        var late = options.MaxThreadPoolDelay > TimeSpan.Zero && MeasureThreadPool(now) > options.MaxThreadPoolDelay;
        var pauses = GC.GetTotalPauseDuration();
        var elapsed = time.GetElapsedTime(_pausesAt, now);
        var share = elapsed > TimeSpan.Zero ? (pauses - _pauses) / elapsed * 100 : 0;
        (_pauses, _pausesAt) = (pauses, now);
        return late || (options.MaxGcPausePercent < 100 && share > options.MaxGcPausePercent);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _delay, time.GetTimestamp() - Volatile.Read(ref _queuedAt));
        Volatile.Write(ref _state, Idle);
    }

    // One item stands in the queue behind everybody's work. While it stands there, it has waited at least so long.
    private TimeSpan MeasureThreadPool(long now)
    {
        if (Interlocked.CompareExchange(ref _state, Queued, Idle) == Queued)
        {
            return time.GetElapsedTime(Volatile.Read(ref _queuedAt), now);
        }

        var last = Volatile.Read(ref _delay);
        Volatile.Write(ref _queuedAt, now);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return time.GetElapsedTime(0, last);
    }
}
