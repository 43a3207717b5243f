using System.Globalization;
using Mesh.Limits;

namespace Mesh.Gateway.Consumers;

/// <summary>One rate limit of a plan, and how <c>RateLimit-Policy</c> writes it.</summary>
internal sealed class PlanLimit
{
    public PlanLimit(RateLimiterTable table)
    {
        Table = table;

        // Windows are whole seconds there, and none is shorter than one.
        var seconds = Math.Max(1, Math.Ceiling(table.Window.TotalSeconds));
        var quota = Math.Max(1, Math.Floor(table.Limit * seconds / table.Window.TotalSeconds));
        PolicyItem = string.Create(CultureInfo.InvariantCulture, $"\"{table.Name}\";q={quota};w={seconds}");
    }

    public RateLimiterTable Table { get; }

    public string PolicyItem { get; }
}
