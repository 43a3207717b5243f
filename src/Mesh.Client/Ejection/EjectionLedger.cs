using Mesh.Client.Endpoints;
using Mesh.Outcomes;

namespace Mesh.Client.Ejection;

/// <summary>
/// Keeps the number of a service's ejected endpoints within its share. Every change of an endpoint's condition happens
/// under this lock: they are rare, and the share must be exact.
/// </summary>
/// <remarks>
/// It counts over the endpoints discovery names now, not over the set an attempt happened to begin with: an attempt that
/// outlives a refresh would otherwise hide the ejections, and the probes due, of endpoints it has never heard of.
/// </remarks>
internal sealed class EjectionLedger(TimeProvider time)
{
    private readonly Lock _lock = new();
    private Endpoint[] _endpoints = [];
    private int _limit;
    private int _out;
    private long _nextProbe = long.MaxValue;
    private int _version;

    /// <summary>How many endpoints are out of rotation.</summary>
    public int Ejected => Volatile.Read(ref _out);

    /// <summary>Another number after each change of an endpoint's condition, for whoever keeps figures made of conditions.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Whether some endpoint may be waiting for a probe: one volatile read on the data path.</summary>
    public bool IsProbeDue(long now) => now >= Volatile.Read(ref _nextProbe);

    /// <summary>Takes over a new set of endpoints, or a new policy. Where fewer may be out now, those whose time is up first return.</summary>
    public void Reset(Endpoint[] endpoints, EjectionPolicy policy)
    {
        lock (_lock)
        {
            _endpoints = endpoints;
            _limit = policy.MaxEjected(endpoints.Length);
            Recount_NeedsLock();
            var excess = _out - _limit;
            if (excess <= 0)
            {
                return;
            }

            var now = time.GetTimestamp();
            foreach (var endpoint in endpoints.Where(static endpoint => !endpoint.Health.IsHealthy).OrderBy(static endpoint => endpoint.Health.Until).Take(excess))
            {
                endpoint.Health.Restore_NeedsLedgerLock(now);
            }

            Recount_NeedsLock();
        }
    }

    /// <summary>Counts the outcome of an attempt, and ejects or restores the endpoint where that follows.</summary>
    /// <returns>What changed, for the log and the metrics.</returns>
    public HealthChange Record(Endpoint endpoint, CallOutcome outcome, bool probe, long now, EjectionPolicy policy)
    {
        var health = endpoint.Health;
        if (!probe)
        {
            return health.Count(outcome, policy) ? Eject(endpoint, now, policy) : HealthChange.None;
        }

        lock (_lock)
        {
            if (health.Condition != EndpointCondition.Probing)
            {
                // Back in rotation since it was claimed: an outcome like any other, but the next one counts.
                return HealthChange.None;
            }

            var change = HealthChange.None;
            switch (outcome)
            {
                case CallOutcome.Success or CallOutcome.Overload:
                    health.Restore_NeedsLedgerLock(now);
                    change = HealthChange.Restored;
                    break;
                case CallOutcome.CancelledByCaller:
                    // The probe found nothing out: the next request may claim it.
                    health.Release_NeedsLedgerLock();
                    break;
                default:
                    health.Eject_NeedsLedgerLock(now, time.TimestampFrequency, policy);
                    change = HealthChange.Ejected;
                    break;
            }

            Recount_NeedsLock();
            return change;
        }
    }

    /// <summary>Makes one request the probe of an endpoint whose time is up.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="among">The endpoints the request may go to, when that is not all.</param>
    public Endpoint? ClaimProbe(long now, Endpoint[]? among = null)
    {
        lock (_lock)
        {
            foreach (var endpoint in _endpoints)
            {
                if ((among is null || Array.IndexOf(among, endpoint) >= 0) && endpoint.Health.Claim_NeedsLedgerLock(now))
                {
                    Recount_NeedsLock();
                    return endpoint;
                }
            }

            return null;
        }
    }

    private HealthChange Eject(Endpoint endpoint, long now, EjectionPolicy policy)
    {
        lock (_lock)
        {
            // A call keeps the policy it began with: the limit of a newer one holds too.
            if (!endpoint.Health.IsHealthy || _out >= Math.Min(_limit, policy.MaxEjected(_endpoints.Length)) || Array.IndexOf(_endpoints, endpoint) < 0)
            {
                return HealthChange.None;
            }

            endpoint.Health.Eject_NeedsLedgerLock(now, time.TimestampFrequency, policy);
            Recount_NeedsLock();
            return HealthChange.Ejected;
        }
    }

    private void Recount_NeedsLock()
    {
        var count = 0;
        var next = long.MaxValue;
        foreach (var endpoint in _endpoints)
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
        Volatile.Write(ref _version, _version + 1);
    }
}
