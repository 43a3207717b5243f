using System.Threading.RateLimiting;
using Mesh.Limits;

namespace Mesh.Server.RateLimits;

/// <summary>One key of a <see cref="RateLimiterTable"/> as the framework's limiter. It has no queue: whoever has to wait is told for how long.</summary>
internal sealed class TableRateLimiter(RateLimiterTable table, string key, TimeProvider time) : RateLimiter
{
    private readonly LimiterStatistics _statistics = new();
    private long _lastUse = time.GetTimestamp();

    // The table forgets a key by itself once it is as good as never seen; what is left to drop is this object.
    public override TimeSpan? IdleDuration => time.GetElapsedTime(Volatile.Read(ref _lastUse));

    public override RateLimiterStatistics GetStatistics() => _statistics.Read(table.Peek(key));

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        Volatile.Write(ref _lastUse, time.GetTimestamp());
        return TableLease.Acquire(table, key, permitCount, _statistics);
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<RateLimitLease>(cancellationToken)
            : ValueTask.FromResult(AttemptAcquireCore(permitCount));
}
