using Mesh.Limits;

namespace Mesh.Gateway.Consumers;

/// <summary>The limiter tables of the plans. They outlive policies: who has used up a limit has no new one after a reload.</summary>
internal sealed class PlanLimiters(TimeProvider time) : IDisposable
{
    private Dictionary<TableKey, RateLimiterTable> _tables = [];

    /// <summary>The tables for the plans of a policy that is valid. Called by one thread at a time.</summary>
    public Dictionary<string, PlanLimit[]> Use(IDictionary<string, PlanOptions> plans)
    {
        var previous = _tables;
        _tables = [];
        var limits = plans.ToDictionary(
            static plan => plan.Key,
            plan => plan.Value.RateLimits.ConvertAll(limit => new PlanLimit(Use(plan.Key, limit, previous))).ToArray(),
            StringComparer.Ordinal);
        foreach (var (key, table) in previous)
        {
            if (!_tables.ContainsKey(key))
            {
                table.Dispose();
            }
        }

        return limits;
    }

    public void Dispose()
    {
        foreach (var table in _tables.Values)
        {
            table.Dispose();
        }
    }

    private RateLimiterTable Use(string plan, PlanRateLimitOptions options, Dictionary<TableKey, RateLimiterTable> previous)
    {
        var limit = options.ToLimit();
        var key = new TableKey(plan, limit.Name, limit.Algorithm, limit.Algorithm == RateLimitAlgorithm.SlidingWindow ? limit.Window : default);
        if (previous.TryGetValue(key, out var table))
        {
            table.Update(limit);
        }
        else
        {
            table = new RateLimiterTable(limit, time);
        }

        return _tables[key] = table;
    }

    // What one counts of the other's halves would mean nothing.
    private readonly record struct TableKey(string Plan, string Name, RateLimitAlgorithm Algorithm, TimeSpan Window);
}
