using System.Numerics;

namespace Mesh.Limits;

/// <summary>One rate limit and the state of its keys: lock-free, no allocation for a known key, bounded memory.</summary>
/// <remarks>
/// <para>
/// A key costs 21 to 43 bytes while it is in use, whatever its length: its hash and one word. A sweep, on a timer that runs only
/// while there are keys, forgets those that are as good as never seen.
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

    // A million keys are four thousand in each: that is what a request waits for that makes one grow.
    private const int MaxStripes = 256;
    private const int KeysPerStripe = 64;

    private static readonly TimeSpan MinSweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly RateLimitStripe?[] _stripes;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private volatile RateLimitPace _pace;
    private long _overflow;
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
        _stripes = new RateLimitStripe?[Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)(maxKeys / KeysPerStripe)), 1, MaxStripes)];
        _pace = RateLimitPace.Of(options);
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
    /// <param name="options">The limit; valid, of the same name and <see cref="RateLimitOptions.Algorithm"/>, and when that is a window of the same length.</param>
    public void Update(RateLimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _pace = RateLimitPace.Of(options);
    }

    /// <summary>Takes tokens of a key's bucket, if it has them.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cost">How many: 1 to <see cref="Burst"/>.</param>
    public RateLimitResult TryAcquire(string key, int cost = 1) => TryAcquire(key, cost, out _);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Takes tokens, if there are enough, so that they can be given back.</summary>
    internal RateLimitResult TryAcquire(string key, int cost, out RateLimitReservation reservation)
    {
        ArgumentNullException.ThrowIfNull(key);
        var hash = HashOf(key);
        var pace = _pace;
        if (!StripeOf(hash).TryCharge(hash, this, pace, cost, out var result, out var now))
        {
            hash = 0;
            RateLimitStripe.TryCharge(ref _overflow, this, pace, cost, out result, out now);
        }

        reservation = result.Allowed ? new(this, hash, now, cost) : default;
        return result;
    }

    /// <summary>What <see cref="TryAcquire(string, int)"/> would answer, with nothing taken: <see cref="RateLimitResult.Remaining"/> counts these.</summary>
    /// <param name="key">The key. One that is not known is not made known by it.</param>
    /// <param name="cost">How many: 1 to <see cref="Burst"/>.</param>
    public RateLimitResult Peek(string key, int cost = 1)
    {
        ArgumentNullException.ThrowIfNull(key);
        var hash = HashOf(key);
        var pace = _pace;
        var now = Now();
        if (Volatile.Read(ref _stripes[StripeIndex(hash)])?.TryPeek(hash, pace, now, cost, out var result) == true)
        {
            return result;
        }

        return pace.Peek(Count < MaxKeys ? 0 : Volatile.Read(ref _overflow), now, cost);
    }

    internal void Refund(ulong hash, long acquired, int cost)
    {
        if (hash == 0)
        {
            RateLimitStripe.TryRefund(ref _overflow, _pace, acquired, Now(), cost);
        }
        else
        {
            StripeOf(hash).Refund(hash, _pace, acquired, Now(), cost);
        }
    }

    internal long Now() => _time.GetElapsedTime(_start).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Counts one more key, where there may be one.</summary>
    internal bool TryCountKey()
    {
        // Counted before it is added, so that many new keys at once cannot pass the bound together.
        if (Interlocked.Increment(ref _count) > MaxKeys)
        {
            Interlocked.Decrement(ref _count);
            HurrySweep();
            return false;
        }

        ScheduleSweep();
        return true;
    }

    internal void UncountKeys(int count) => Interlocked.Add(ref _count, -count);

    // Two values stand for something else in a table: 0 for nobody, the largest for a closed slot.
    private static ulong HashOf(string key) => KeyHash.Of(key) is var hash && hash is 0 or ulong.MaxValue ? 1 : hash;

    private int StripeIndex(ulong hash) => (int)(hash & (ulong)(_stripes.Length - 1));

    private RateLimitStripe StripeOf(ulong hash)
    {
        ref var stripe = ref _stripes[StripeIndex(hash)];
        return Volatile.Read(ref stripe) ?? Interlocked.CompareExchange(ref stripe, new RateLimitStripe(), null) ?? stripe;
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
        var isHurried = Interlocked.Exchange(ref _sweepHurried, 0) == 1;
        foreach (var stripe in _stripes)
        {
            stripe?.Sweep(this, _pace, always: isHurried);
        }

        Volatile.Write(ref _lastSweep, Now());
        Volatile.Write(ref _sweepScheduled, 0);
        if (Count > 0)
        {
            ScheduleSweep();
        }
    }
}
