using Mesh.Limits;

namespace Mesh.Server.RateLimits.Shared;

/// <summary>What a limit needs that is shared with other processes.</summary>
internal sealed class SharedLimit(RateLimitOptions options, StoreGate gate, TokenLeases leases, TimeProvider time)
{
    private readonly SharedRateLimitOptions _shared = options.Shared!;
    private readonly int _slice = SharedRateLimitOptions.SliceOf(options);

    // As long as an empty bucket takes to fill.
    private readonly TimeSpan _recovery = options.Algorithm == RateLimitAlgorithm.Gcra
        ? options.Window * ((double)(options.Burst ?? options.Limit) / options.Limit)
        : options.Window * 1.5;

    public StoreGate Gate => gate;

    public TokenLeases Leases => leases;

    public TimeSpan Timeout => _shared.Timeout;

    public RateLimitFallback WhenUnavailable => _shared.WhenUnavailable;

    /// <summary>
    /// Whether this process's own count holds beside the store's: what has passed while the store was away is not in it, and
    /// would come once more otherwise.
    /// </summary>
    public bool IsRecovering => WhenUnavailable == RateLimitFallback.Local && gate.WasGoneWithin(_recovery);

    public SharedRateLimitCharge Charge(string key, int cost) => new(options, key, cost, _slice > 0 && leases.HasRoom ? _slice : 0);

    /// <summary>Until when what is taken ahead now may be used, as a timestamp.</summary>
    public long LeaseEnd() => time.GetTimestamp() + (long)(_shared.LeaseTime.TotalSeconds * time.TimestampFrequency);
}
