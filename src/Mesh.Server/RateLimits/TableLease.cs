using System.Threading.RateLimiting;
using Mesh.Limits;

namespace Mesh.Server.RateLimits;

/// <summary>What the framework is told. Tokens are used up, not lent: disposing gives nothing back.</summary>
internal sealed class TableLease : RateLimitLease
{
    private static readonly TableLease Given = new(null);
    private readonly TimeSpan? _retryAfter;

    private TableLease(TimeSpan? retryAfter) => _retryAfter = retryAfter;

    public override bool IsAcquired => _retryAfter is null;

    public override IEnumerable<string> MetadataNames => _retryAfter is null ? [] : [MetadataName.RetryAfter.Name];

    public static TableLease Acquire(RateLimiterTable table, string key, int permitCount, LimiterStatistics statistics)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permitCount, table.Burst);

        // The framework asks for none to learn whether there are any.
        var result = permitCount == 0 ? table.Peek(key) : table.TryAcquire(key, permitCount);
        statistics.Count(result.Allowed);
        return result.Allowed ? Given : new TableLease(result.RetryAfter);
    }

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        var isKnown = _retryAfter is not null && metadataName == MetadataName.RetryAfter.Name;
        metadata = isKnown ? _retryAfter : null;
        return isKnown;
    }
}
