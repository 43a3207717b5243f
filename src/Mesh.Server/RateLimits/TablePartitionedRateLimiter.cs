using System.Threading.RateLimiting;
using Mesh.Limits;

namespace Mesh.Server.RateLimits;

/// <summary>All keys of a <see cref="RateLimiterTable"/> as the framework's partitioned limiter.</summary>
internal sealed class TablePartitionedRateLimiter<TResource>(RateLimiterTable table, Func<TResource, string> keyOf) : PartitionedRateLimiter<TResource>
{
    private readonly LimiterStatistics _statistics = new();

    public override RateLimiterStatistics GetStatistics(TResource resource) => _statistics.Read(table.Peek(keyOf(resource)));

    protected override RateLimitLease AttemptAcquireCore(TResource resource, int permitCount) =>
        TableLease.Acquire(table, keyOf(resource), permitCount, _statistics);

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(TResource resource, int permitCount, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<RateLimitLease>(cancellationToken)
            : ValueTask.FromResult(AttemptAcquireCore(resource, permitCount));
}
