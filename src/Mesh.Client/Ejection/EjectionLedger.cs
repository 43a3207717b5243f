using Mesh.Client.Endpoints;
using Mesh.Outcomes;

namespace Mesh.Client.Ejection;

/// <summary>
/// Keeps the number of a service's ejected endpoints within its share. Every change of an endpoint's condition happens
/// under this lock: they are rare, and the share must be exact.
/// </summary>
internal sealed class EjectionLedger(TimeProvider time)
{
    private readonly Lock _lock = new();
    private int _endpoints;
    private int _out;
    private long _nextProbe = long.MaxValue;

    /// <summary>How many endpoints are out of rotation.</summary>
    public int Ejected => Volatile.Read(ref _out);

    /// <summary>Whether some endpoint may be waiting for a probe: one volatile read on the data path.</summary>
    public bool IsProbeDue(long now) => now >= Volatile.Read(ref _nextProbe);

    /// <summary>Takes over a new set of endpoints from discovery.</summary>
    public void Reset(Endpoint[] endpoints)
    {
        lock (_lock)
        {
            _endpoints = endpoints.Length;
            Recount_NeedsLock(endpoints);
        }
    }

    /// <summary>Counts the outcome of an attempt, and ejects or restores the endpoint where that follows.</summary>
    /// <returns>What changed, for the log and the metrics.</returns>
    public HealthChange Record(Endpoint endpoint, Endpoint[] all, CallOutcome outcome, bool probe, long now, EjectionPolicy policy)
    {
        var health = endpoint.Health;
        if (!probe)
        {
            return health.Count(outcome, policy) ? Eject(endpoint, all, now, policy) : HealthChange.None;
        }

        lock (_lock)
        {
            switch (outcome)
            {
                case CallOutcome.Success or CallOutcome.Overload:
                    health.Restore_NeedsLedgerLock(now);
                    Recount_NeedsLock(all);
                    return HealthChange.Restored;
                case CallOutcome.CancelledByCaller:
                    // The probe found nothing out: the next request may claim it.
                    health.Release_NeedsLedgerLock();
                    Recount_NeedsLock(all);
                    return HealthChange.None;
                default:
                    health.Eject_NeedsLedgerLock(now, time.TimestampFrequency, policy);
                    Recount_NeedsLock(all);
                    return HealthChange.Ejected;
            }
        }
    }

    /// <summary>Makes one request the probe of an endpoint whose time is up.</summary>
    public Endpoint? ClaimProbe(Endpoint[] all, long now)
    {
        lock (_lock)
        {
            foreach (var endpoint in all)
            {
                if (endpoint.Health.Claim_NeedsLedgerLock(now))
                {
                    Recount_NeedsLock(all);
                    return endpoint;
                }
            }

            return null;
        }
    }

    private HealthChange Eject(Endpoint endpoint, Endpoint[] all, long now, EjectionPolicy policy)
    {
        lock (_lock)
        {
            if (!endpoint.Health.IsHealthy || _out >= policy.MaxEjected(_endpoints) || Array.IndexOf(all, endpoint) < 0)
            {
                return HealthChange.None;
            }

            endpoint.Health.Eject_NeedsLedgerLock(now, time.TimestampFrequency, policy);
            Recount_NeedsLock(all);
            return HealthChange.Ejected;
        }
    }

    private void Recount_NeedsLock(Endpoint[] endpoints)
    {
        var count = 0;
        var next = long.MaxValue;
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Health.IsHealthy)
            {
                continue;
            }

            count++;
            if (endpoint.Health.Condition == EndpointCondition.Ejected)
            {
                next = Math.Min(next, endpoint.Health.Until);
            }
        }

        Volatile.Write(ref _out, count);
        Volatile.Write(ref _nextProbe, next);
    }
}
