using System.Globalization;
using Mesh.Limits;

namespace Mesh.Server.RateLimits;

/// <summary>One limit of the policy, with its name and quota as <c>RateLimit-Policy</c> writes them.</summary>
internal sealed class RequestLimit
{
    public RequestLimit(RateLimiterTable table, RateLimitPartition partition)
    {
        Table = table;
        Partition = partition;

        // Windows are whole seconds there, and none is shorter than one.
        var seconds = Math.Max(1, Math.Ceiling(table.Window.TotalSeconds));
        var quota = Math.Max(1, Math.Floor(table.Limit * seconds / table.Window.TotalSeconds));
        PolicyItem = string.Create(CultureInfo.InvariantCulture, $"\"{table.Name}\";q={quota};w={seconds}");
    }

    public RateLimiterTable Table { get; }

    public RateLimitPartition Partition { get; }

    public string PolicyItem { get; }
}
