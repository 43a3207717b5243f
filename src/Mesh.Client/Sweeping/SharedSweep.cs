using Microsoft.Extensions.Logging;

namespace Mesh.Client.Sweeping;

/// <summary>
/// One timer for everything that happens at intervals in all services: a timer for each endpoint would be ten thousand.
/// It sleeps until the first of them is due, and for a tenth of a second at least.
/// </summary>
internal sealed partial class SharedSweep(TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>The finest interval there is.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    // A timer can run for 49 days; a look once an hour costs nothing.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly List<ISwept> _all = [];
    private ITimer? _timer;
    private bool _isDisposed;

    public void Add(ISwept item)
    {
        lock (_lock)
        {
            _all.Add(item);
            Wake_NeedsLock();
        }
    }

    /// <summary>Intervals may have changed: asks everybody again.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (_all.Count > 0)
            {
                Wake_NeedsLock();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private void Wake_NeedsLock()
    {
        if (_isDisposed)
        {
            return;
        }

        if (_timer is not null)
        {
            _timer.Change(Beat, Timeout.InfiniteTimeSpan);
            return;
        }

        // It must not carry the context of the request that happened to come first.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static self => ((SharedSweep)self!).Run(), this, Beat, Timeout.InfiniteTimeSpan);
        }
    }

    private void Run()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            var now = time.GetTimestamp();
            var next = long.MaxValue;
            foreach (var item in _all)
            {
                next = Math.Min(next, Run(item, now));
            }

            var sleep = time.GetElapsedTime(now, Math.Max(now, next));
            _timer!.Change(sleep < Beat ? Beat : sleep < LongestSleep ? sleep : LongestSleep, Timeout.InfiniteTimeSpan);
        }
    }

    private long Run(ISwept item, long now)
    {
        try
        {
            return item.Sweep(now);
        }
#pragma warning disable CA1031 // Whatever a listener of logs or metrics throws, the other services are swept, and this one next time.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
            return now + (long)(Beat.TotalSeconds * time.TimestampFrequency);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A sweep over the endpoints of a service failed; it is repeated.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
