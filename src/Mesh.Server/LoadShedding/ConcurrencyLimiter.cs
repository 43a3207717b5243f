namespace Mesh.Server.LoadShedding;

/// <summary>
/// Bounds how many requests are served at a time. Lives through reloads: what is in flight stays in flight. Below the limit
/// it costs one interlocked add; the lock is taken only by those who must wait, and by the one look every 100 ms.
/// </summary>
internal sealed class ConcurrencyLimiter : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(10);

    // What a strained process gives up at each look.
    private const double StrainDecrease = 0.9;

    private readonly Lock _lock = new();
    private readonly WaitingLine _line = new();
    private readonly LatencyWindow _window = new();
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly IRuntimeSignals _signals;
    private readonly ITimer _sweep;
    private readonly long _lookTicks;
    private readonly long _start;
    private LoadSheddingOptions _options;
    private LimitAlgorithm _algorithm;
    private double _exactLimit;
    private int _limit;
    private int _inFlight;
    private int _waiting;
    private long _nextLook;
    private long _medianTicks;

    public ConcurrencyLimiter(LoadSheddingOptions options, TimeProvider time, Random random, IRuntimeSignals signals)
    {
        (_options, _time, _random, _signals) = (options, time, random, signals);
        _algorithm = LimitAlgorithm.Create(options, random);
        SetLimit_NeedsLock(options.InitialLimit);
        _lookTicks = TicksOf(LookEvery);
        _start = time.GetTimestamp();
        _nextLook = _start + _lookTicks;
        _sweep = time.CreateTimer(static self => ((ConcurrencyLimiter)self!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Limit => Volatile.Read(ref _limit);

    public int InFlight => Volatile.Read(ref _inFlight);

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Takes over changed options; a new algorithm begins at the limit of the old one.</summary>
    public void Update(LoadSheddingOptions options)
    {
        lock (_lock)
        {
            if (options.Algorithm != _options.Algorithm || options.MinLimit != _options.MinLimit || options.InitialLimit != _options.InitialLimit)
            {
                _algorithm = LimitAlgorithm.Create(options, _random);
            }

            // Switched off and on again, it knows nothing any more.
            var limit = _options.Algorithm is SheddingAlgorithm.Off ? options.InitialLimit : _exactLimit;
            _options = options;
            SetLimit_NeedsLock(limit);
            Advance_NeedsLock(_time.GetTimestamp());
        }
    }

    /// <summary>Begins a request, waiting for its turn where it must.</summary>
    /// <returns>Whether it may be served; then <see cref="Exit"/> must follow.</returns>
    public ValueTask<bool> EnterAsync(Criticality criticality, TimeSpan remaining, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _waiting) == 0)
        {
            var inFlight = Interlocked.Increment(ref _inFlight);
            if (inFlight <= Volatile.Read(ref _limit))
            {
                _window.Observe(inFlight);
                return new(true);
            }

            // Whoever waits by now must not miss the place that was taken for a moment.
            Interlocked.Decrement(ref _inFlight);
        }

        return WaitAsync(criticality, remaining, cancellationToken);
    }

    /// <summary>Ends a request.</summary>
    /// <param name="latency">How long it was served; <see langword="null"/> when that says nothing about the application.</param>
    /// <param name="dropped">Whether the application had too much to do to answer it well.</param>
    public void Exit(TimeSpan? latency, bool dropped)
    {
        if (dropped)
        {
            _window.Drop();
        }
        else if (latency is { } time)
        {
            _window.Record(time);
        }

        Interlocked.Decrement(ref _inFlight);
        var now = _time.GetTimestamp();
        var next = Volatile.Read(ref _nextLook);
        if (now >= next && Interlocked.CompareExchange(ref _nextLook, now + _lookTicks, next) == next)
        {
            Look(now);
        }

        if (Volatile.Read(ref _waiting) > 0)
        {
            lock (_lock)
            {
                Advance_NeedsLock(now);
            }
        }
    }

    public void Dispose() => _sweep.Dispose();

    private async ValueTask<bool> WaitAsync(Criticality criticality, TimeSpan remaining, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            Advance_NeedsLock(now);
            if (_line.Count == 0 && _inFlight < _limit)
            {
                _window.Observe(Interlocked.Increment(ref _inFlight));
                return true;
            }

            var level = criticality - Criticality.Sheddable;
            var wait = PatienceFor_NeedsLock(level, remaining, now);
            if (wait <= 0 || (_line.Count >= _options.QueueLength && !MakeRoom_NeedsLock(level)))
            {
                return false;
            }

            waiter = new Waiter(now + wait);
            _line.Add(waiter, level, now);
            Count_NeedsLock();
        }

        if (!cancellationToken.CanBeCanceled)
        {
            return await waiter.Task.ConfigureAwait(false);
        }

        using var registration = cancellationToken.UnsafeRegister(
            static state =>
            {
                var (limiter, waiter) = ((ConcurrencyLimiter, Waiter))state!;
                limiter.Forget(waiter);
            },
            (this, waiter));
        return await waiter.Task.ConfigureAwait(false);
    }

    private void Forget(Waiter waiter)
    {
        lock (_lock)
        {
            if (_line.Remove(waiter))
            {
                Count_NeedsLock();
                waiter.SetResult(false);
            }
        }
    }

    // How long it pays to wait: as the state of the line allows, and while the answer would still come in time.
    private long PatienceFor_NeedsLock(int level, TimeSpan remaining, long now)
    {
        var patience = TicksOf(_line.BusyFor(level, now) > TicksOf(_options.QueueTime) ? _options.OverloadedQueueTime : _options.QueueTime);
        return remaining == Timeout.InfiniteTimeSpan ? patience : Math.Min(patience, TicksOf(remaining) - _medianTicks);
    }

    private bool MakeRoom_NeedsLock(int level)
    {
        if (_line.Displace(level) is not { } displaced)
        {
            return false;
        }

        displaced.SetResult(false);
        return true;
    }

    private void Advance_NeedsLock(long now)
    {
        while (_line.Expired(now) is { } late)
        {
            late.SetResult(false);
        }

        while (_line.Count > 0 && _inFlight < _limit && _line.Next(now, TicksOf(_options.QueueTime)) is { } next)
        {
            _window.Observe(Interlocked.Increment(ref _inFlight));
            next.SetResult(true);
        }

        Count_NeedsLock();
    }

    private void Count_NeedsLock()
    {
        var before = _waiting;
        Volatile.Write(ref _waiting, _line.Count);
        if ((before == 0) != (_line.Count == 0))
        {
            // It runs only while somebody waits: when nothing ends, nobody else would tell them that their time is up.
            var period = _line.Count == 0 ? Timeout.InfiniteTimeSpan : SweepEvery;
            _sweep.Change(period, period);
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            Advance_NeedsLock(_time.GetTimestamp());
        }
    }

    private void Look(long now)
    {
        lock (_lock)
        {
            var seen = _window.Take();
            if (seen.Count > 0)
            {
                _medianTicks = TicksOf(seen.Median);
            }

            var next = _algorithm.Next(_exactLimit, in seen, _time.GetElapsedTime(_start, now));
            if (_options.Algorithm is not (SheddingAlgorithm.Fixed or SheddingAlgorithm.Off) && _signals.IsStrained(_options))
            {
                next = Math.Min(next, _exactLimit * StrainDecrease);
            }

            SetLimit_NeedsLock(next);
        }
    }

    private void SetLimit_NeedsLock(double limit)
    {
        _exactLimit = _options.Algorithm switch
        {
            SheddingAlgorithm.Off => int.MaxValue,
            SheddingAlgorithm.Fixed => _options.InitialLimit,
            _ => Math.Clamp(limit, _options.MinLimit, _options.MaxLimit),
        };
        Volatile.Write(ref _limit, (int)Math.Min(_exactLimit, int.MaxValue));
    }

    private long TicksOf(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
