using System.Collections.Concurrent;

namespace Mesh.Limits;

/// <summary>One rate limit and the state of its keys: lock-free, no allocation for a known key, bounded memory.</summary>
/// <remarks>
/// <para>
/// A key costs one small object while its bucket is not full. A sweep, on a timer that runs only while there are keys,
/// removes the full ones: they are as good as never seen.
/// </para>
/// <para>
/// Beyond <see cref="MaxKeys"/> live keys, new keys share one bucket of the same size until the sweep, which then comes at
/// once, has made room. So a flood of invented keys gets one caller's share in all, known callers are not touched, and no
/// request pays for a sweep.
/// </para>
/// <para>With a <see cref="TimeProvider"/> whose timestamps are monotonic, the bound of <see cref="RateLimitOptions"/> is never exceeded.</para>
/// </remarks>
public sealed class RateLimiterTable : IDisposable
{
    /// <summary>How many keys a table holds unless told otherwise.</summary>
    public const int DefaultMaxKeys = 1_000_000;

    private static readonly TimeSpan MinSweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, RateLimitCell> _cells = new(StringComparer.Ordinal);
    private readonly RateLimitCell _overflow = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private volatile RateLimitPace _pace;
    private int _count;
    private int _sweepScheduled;
    private int _sweepHurried;
    private long _lastSweep;

    /// <summary>Creates it.</summary>
    /// <param name="options">The limit; valid.</param>
    /// <param name="time">The clock.</param>
    /// <param name="maxKeys">How many keys may have a bucket of their own.</param>
    public RateLimiterTable(RateLimitOptions options, TimeProvider time, int maxKeys = DefaultMaxKeys)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxKeys, 1);
        Name = options.Name;
        MaxKeys = maxKeys;
        _pace = new RateLimitPace(options);
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static self => ((RateLimiterTable)self!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The name of the limit.</summary>
    public string Name { get; }

    /// <summary>How many requests may pass in a <see cref="Window"/>, in the long run.</summary>
    public int Limit => _pace.Limit;

    /// <summary>The time that <see cref="Limit"/> is for.</summary>
    public TimeSpan Window => _pace.Window;

    /// <summary>How many requests may pass at once after a pause.</summary>
    public int Burst => _pace.Burst;

    /// <summary>How many keys may have a bucket of their own.</summary>
    public int MaxKeys { get; }

    /// <summary>How many keys have one now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Changes the numbers of the limit and keeps what every key has used up.</summary>
    /// <param name="options">The limit; valid, and of the same name.</param>
    public void Update(RateLimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _pace = new RateLimitPace(options);
    }

    /// <summary>Takes one token of a key's bucket, if it has one.</summary>
    public RateLimitResult TryAcquire(string key) => TryAcquire(key, out _);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Takes one token, if there is one, so that it can be given back.</summary>
    internal RateLimitResult TryAcquire(string key, out RateLimitReservation reservation)
    {
        ArgumentNullException.ThrowIfNull(key);
        var pace = _pace;
        while (true)
        {
            var cell = CellOf(key);
            var now = Now();
            if (cell.TryAcquire(pace, now, out var result))
            {
                reservation = result.Allowed ? new(cell, now, pace.Interval) : default;
                return result;
            }

            Remove(key, cell);
        }
    }

    /// <summary>What a key's bucket holds, with nothing taken. A key not known is not made known by it.</summary>
    internal RateLimitResult Peek(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var pace = _pace;
        var now = Now();
        if (_cells.TryGetValue(key, out var cell))
        {
            return cell.Peek(pace, now);
        }

        return Count < MaxKeys ? pace.Allow(now, now) : _overflow.Peek(pace, now);
    }

    internal long Now() => _time.GetElapsedTime(_start).Ticks * TimeSpan.NanosecondsPerTick;

    private RateLimitCell CellOf(string key)
    {
        while (true)
        {
            if (_cells.TryGetValue(key, out var known))
            {
                return known;
            }

            // Counted before it is added, so that many new keys at once cannot pass the bound together.
            if (Interlocked.Increment(ref _count) > MaxKeys)
            {
                Interlocked.Decrement(ref _count);
                HurrySweep();
                return _overflow;
            }

            var cell = new RateLimitCell();
            if (_cells.TryAdd(key, cell))
            {
                ScheduleSweep();
                return cell;
            }

            Interlocked.Decrement(ref _count);
        }
    }

    private void ScheduleSweep()
    {
        if (Volatile.Read(ref _sweepScheduled) == 0 && Interlocked.Exchange(ref _sweepScheduled, 1) == 0)
        {
            _timer.Change(Volatile.Read(ref _sweepHurried) == 0 ? SweepInterval : MinSweepInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void HurrySweep()
    {
        if (Volatile.Read(ref _sweepHurried) == 0 && Interlocked.Exchange(ref _sweepHurried, 1) == 0)
        {
            var sinceLast = TimeSpan.FromTicks((Now() - Volatile.Read(ref _lastSweep)) / TimeSpan.NanosecondsPerTick);
            _timer.Change(sinceLast >= MinSweepInterval ? TimeSpan.Zero : MinSweepInterval - sinceLast, Timeout.InfiniteTimeSpan);
        }
    }

    private void Sweep()
    {
        Volatile.Write(ref _sweepHurried, 0);
        foreach (var (key, cell) in _cells)
        {
            if (cell.TryRetire(Now()))
            {
                Remove(key, cell);
            }
        }

        Volatile.Write(ref _lastSweep, Now());
        Volatile.Write(ref _sweepScheduled, 0);
        if (Count > 0)
        {
            ScheduleSweep();
        }
    }

    private void Remove(string key, RateLimitCell dead)
    {
        if (_cells.TryRemove(KeyValuePair.Create(key, dead)))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
