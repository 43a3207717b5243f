using Mesh.Client.Endpoints;

namespace Mesh.Client.Hedging;

/// <summary>
/// The latency that a given share of a service's calls does not exceed, measured as they come and computed anew every few
/// seconds (Finagle's <c>BackupRequestFilter</c>).
/// </summary>
/// <remarks>
/// A first attempt that a hedge has beaten counts with the time it was given: it would have taken longer. Left out, the
/// slow calls would be missing from the figure, which would sink until every call were hedged.
/// </remarks>
internal sealed class MeasuredDelay
{
    // Finagle's.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(3);

    // Below, a hedge costs more than it saves.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    // Halved every half minute, so that a service that has become slow for good is not hedged for ever.
    private const int RefreshesPerAging = 10;

    private readonly LatencyHistogram _latency = new();
    private readonly long _refreshTicks;
    private Computed _computed;
    private int _refreshes;

    public MeasuredDelay(TimeProvider time)
    {
        _refreshTicks = (long)(RefreshEvery.TotalSeconds * time.TimestampFrequency);
        _computed = new Computed(0, Timeout.InfiniteTimeSpan, long.MinValue / 2);
    }

    /// <summary>What was last computed; <see langword="null"/> when nothing was, or too little was measured for it.</summary>
    public TimeSpan? Known => Volatile.Read(ref _computed) is { Delay: var delay } && delay != Timeout.InfiniteTimeSpan ? delay : null;

    public void Record(TimeSpan latency) => _latency.Record(latency);

    /// <summary>The latency that the share <paramref name="quantile"/> of calls does not exceed; infinite while too few are known.</summary>
    public TimeSpan Get(double quantile, long now)
    {
        var computed = Volatile.Read(ref _computed);
        if (now - computed.At < _refreshTicks && computed.Quantile == quantile)
        {
            return computed.Delay;
        }

        // Claims the refresh for this caller: the others go on with what there is.
        var claim = computed with { Quantile = quantile, At = now };
        return Interlocked.CompareExchange(ref _computed, claim, computed) == computed ? Refresh(claim) : computed.Delay;
    }

    private TimeSpan Refresh(Computed claim)
    {
        // One call above the quantile is the least that says anything about it.
        var delay = _latency.Count * (1 - claim.Quantile) < 1 - 1e-9
            ? Timeout.InfiniteTimeSpan
            : Max(_latency.Quantile(claim.Quantile), Shortest);
        Interlocked.CompareExchange(ref _computed, claim with { Delay = delay }, claim);
        if (Interlocked.Increment(ref _refreshes) % RefreshesPerAging == 0)
        {
            _latency.Age();
        }

        return delay;
    }

    private static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;

    private sealed record Computed(double Quantile, TimeSpan Delay, long At);
}
