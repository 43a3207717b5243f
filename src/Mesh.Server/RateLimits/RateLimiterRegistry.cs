using Mesh.Limits;
using Mesh.Server.RateLimits.Shared;

namespace Mesh.Server.RateLimits;

/// <summary>The limiter tables by name. They outlive policies: a caller who has used up a limit has no new one after a reload.</summary>
internal sealed class RateLimiterRegistry(TimeProvider time, StoreGate? gate = null) : IDisposable
{
    private Dictionary<TableKey, RateLimiterTable> _tables = [];
    private Dictionary<TableKey, TokenLeases> _leases = [];

    /// <summary>Whether limits can be shared.</summary>
    public bool HasStore => gate is not null;

    /// <summary>The limits for these options; <see langword="null"/> for none. Called by one thread at a time.</summary>
    public RequestLimits? Use(List<RateLimitOptions> options)
    {
        var previous = _tables;
        var tables = new Dictionary<TableKey, RateLimiterTable>();
        var leases = new Dictionary<TableKey, TokenLeases>();
        List<RequestLimit> limits = [];
        foreach (var limit in options)
        {
            var key = TableKey.Of(limit);
            if (previous.TryGetValue(key, out var table))
            {
                table.Update(limit);
            }
            else
            {
                table = new RateLimiterTable(limit, time);
            }

            tables[key] = table;
            limits.Add(new RequestLimit(table, limit, limit.Shared is null ? null : new SharedLimit(limit, gate!, LeasesOf(key, leases), time)));
        }

        _tables = tables;
        foreach (var (key, lease) in _leases)
        {
            if (!leases.ContainsKey(key))
            {
                lease.Dispose();
            }
        }

        _leases = leases;
        foreach (var (key, table) in previous)
        {
            if (!tables.ContainsKey(key))
            {
                table.Dispose();
            }
        }

        return limits.Count == 0 ? null : new RequestLimits([.. limits]);
    }

    public void Dispose()
    {
        foreach (var table in _tables.Values)
        {
            table.Dispose();
        }

        foreach (var lease in _leases.Values)
        {
            lease.Dispose();
        }
    }

    private TokenLeases LeasesOf(TableKey key, Dictionary<TableKey, TokenLeases> leases) =>
        leases[key] = _leases.GetValueOrDefault(key) ?? new TokenLeases(time);

    // What one counts of the other's keys or halves would mean nothing.
    private sealed record TableKey(string Name, RateLimitPartition Partition, string? Source, RateLimitAlgorithm Algorithm, TimeSpan Window)
    {
        public static TableKey Of(RateLimitOptions limit) => new(
            limit.Name,
            limit.Partition,
            limit.Header ?? limit.Claim,
            limit.Algorithm,
            limit.Algorithm == RateLimitAlgorithm.SlidingWindow ? limit.Window : default);
    }
}
