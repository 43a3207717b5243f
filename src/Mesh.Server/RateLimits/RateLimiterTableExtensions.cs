using System.Threading.RateLimiting;
using Mesh.Server.RateLimits;

namespace Mesh.Limits;

/// <summary>Gives limits of the mesh to code that knows those of <c>System.Threading.RateLimiting</c>.</summary>
public static class RateLimiterTableExtensions
{
    /// <summary>One key of the limit as a limiter. It never queues: who asks to wait is answered at once, with <see cref="MetadataName.RetryAfter"/>.</summary>
    /// <param name="table">The limit.</param>
    /// <param name="key">The key.</param>
    /// <param name="time">The clock of <see cref="RateLimiter.IdleDuration"/>. Default: the system's.</param>
    public static RateLimiter AsRateLimiter(this RateLimiterTable table, string key, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(key);
        return new TableRateLimiter(table, key, time ?? TimeProvider.System);
    }

    /// <summary>The limit as a partitioned limiter, without the lock and the object for each key of the framework's own.</summary>
    /// <param name="table">The limit. Disposing the result leaves it alone.</param>
    /// <param name="keyOf">The key of a resource.</param>
    /// <example>
    /// <code>
    /// var perHost = new RateLimiterTable(new RateLimitOptions { Name = "per-host", Limit = 100 }, TimeProvider.System);
    /// services.AddRateLimiter(options => options.GlobalLimiter = perHost.AsPartitionedRateLimiter&lt;HttpContext&gt;(http => http.Request.Host.Value ?? ""));
    /// </code>
    /// </example>
    public static PartitionedRateLimiter<TResource> AsPartitionedRateLimiter<TResource>(this RateLimiterTable table, Func<TResource, string> keyOf)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(keyOf);
        return new TablePartitionedRateLimiter<TResource>(table, keyOf);
    }
}
