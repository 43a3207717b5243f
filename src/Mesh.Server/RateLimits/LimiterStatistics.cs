using System.Threading.RateLimiting;
using Mesh.Limits;

namespace Mesh.Server.RateLimits;

/// <summary>How many leases a limiter of the framework has given and refused.</summary>
internal sealed class LimiterStatistics
{
    private long _given;
    private long _refused;

    public void Count(bool given) => Interlocked.Increment(ref given ? ref _given : ref _refused);

    public RateLimiterStatistics Read(RateLimitResult now) => new()
    {
        CurrentAvailablePermits = now.Remaining,
        TotalSuccessfulLeases = Interlocked.Read(ref _given),
        TotalFailedLeases = Interlocked.Read(ref _refused),
    };
}
