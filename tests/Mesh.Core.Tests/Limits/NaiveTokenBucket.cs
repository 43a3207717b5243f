using Mesh.Limits;

namespace Mesh.Core.Tests.Limits;

/// <summary>A token bucket told as one: a credit of time that grows up to the burst, and each token costs its interval.</summary>
internal sealed class NaiveTokenBucket
{
    private readonly long _interval;
    private readonly long _full;
    private long _credit;

    public NaiveTokenBucket(RateLimitOptions options)
    {
        _interval = (long)Math.Ceiling((decimal)options.Window.Ticks * TimeSpan.NanosecondsPerTick / options.Limit);
        _credit = _full = _interval * (options.Burst ?? options.Limit);
    }

    public long Tokens => _credit / _interval;

    public void Refill(TimeSpan elapsed) => _credit = Math.Min(_full, _credit + (elapsed.Ticks * TimeSpan.NanosecondsPerTick));

    public bool TryTake()
    {
        var taken = Tokens > 0;
        _credit -= taken ? _interval : 0;
        return taken;
    }
}
