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
internal sealed class EjectionLedger(TimeProvider time, Random random)
{
    private readonly Lock _lock = new();
    private Endpoint[] _endpoints = [];
    private int _limit;
    private int _out;
    private long _nextProbe = long.MaxValue;
    private int _version;
    private long _sweptAt = long.MinValue;
    private bool _usesChecks;

    /// <summary>How many endpoints are ejected, those being probed included.</summary>
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
    public HealthChange Record(Endpoint endpoint, in AttemptReport report, EjectionPolicy policy)
    {
        var health = endpoint.Health;
        if (policy.Compares)
        {
            health.Window.Record(report.Outcome, report.Elapsed);
        }

        if (!report.IsProbe)
        {
            return health.Count(report, policy) is { } reason ? Eject(endpoint, reason, report.Now, policy) : HealthChange.None;
        }

        lock (_lock)
        {
            if (health.Condition != EndpointCondition.Probing)
            {
                // Back in rotation since it was claimed: an outcome like any other, but the next one counts.
                return HealthChange.None;
            }

            var change = HealthChange.None;
            switch (report.Outcome)
            {
                case CallOutcome.Success or CallOutcome.Overload:
                    health.Restore_NeedsLedgerLock(report.Now);
                    change = HealthChange.Restored;
                    break;
                case CallOutcome.CancelledByCaller:
                    // The probe found nothing out: the next request may claim it.
                    health.Release_NeedsLedgerLock();
                    break;
                default:
                    Eject_NeedsLock(endpoint, EjectionReason.FailedProbe, report.Now, policy);
                    change = HealthChange.Ejected;
                    break;
            }

            Recount_NeedsLock();
            return change;
        }
    }

    /// <summary>Ends an interval: ejects who stands out among its peers, and forgives who stayed in rotation one ejection.</summary>
    /// <returns>The endpoints ejected.</returns>
    public IReadOnlyList<Endpoint> Sweep(long now, EjectionPolicy policy)
    {
        lock (_lock)
        {
            List<Endpoint> ejected = [];
            if (policy.Compares)
            {
                var tallies = Array.ConvertAll(_endpoints, endpoint => endpoint.Health.Window.Take(policy.Latency));
                if (policy.SuccessRate is { } rate)
                {
                    EjectAll(OutlierDetection.BySuccessRate(tallies, rate), EjectionReason.SuccessRate);
                }

                if (policy.FailurePercentage is { } percentage)
                {
                    EjectAll(OutlierDetection.ByFailurePercentage(tallies, percentage), EjectionReason.FailurePercentage);
                }

                if (policy.Latency is { } latency)
                {
                    EjectAll(OutlierDetection.ByLatency(tallies, latency), EjectionReason.Latency);
                }
            }

            foreach (var endpoint in _endpoints)
            {
                endpoint.Health.Forgive_NeedsLedgerLock(_sweptAt);
            }

            _sweptAt = now;
            return ejected;

            void EjectAll(List<int> outliers, EjectionReason reason)
            {
                foreach (var index in outliers)
                {
                    if (TryEject_NeedsLock(_endpoints[index], reason, now, policy))
                    {
                        ejected.Add(_endpoints[index]);
                    }
                }
            }
        }
    }

    /// <summary>Whether results of health checks count from now on. Where they do not, nobody is out because of them.</summary>
    public void UseChecks(bool use, Endpoint[] endpoints)
    {
        lock (_lock)
        {
            _usesChecks = use;
            if (use)
            {
                return;
            }

            foreach (var endpoint in endpoints)
            {
                endpoint.Checks = null;
                endpoint.Health.Judge_NeedsLedgerLock(fails: false, time.GetTimestamp());
            }

            Recount_NeedsLock();
        }
    }

    /// <summary>Takes over what the health checks of an endpoint say. No share bounds them: panic does, where so many fail.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Judge(Endpoint endpoint, bool fails)
    {
        lock (_lock)
        {
            if (!_usesChecks || !endpoint.Health.Judge_NeedsLedgerLock(fails, time.GetTimestamp()))
            {
                return false;
            }

            Recount_NeedsLock();
            return true;
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

    private HealthChange Eject(Endpoint endpoint, EjectionReason reason, long now, EjectionPolicy policy)
    {
        // In an outage every failure of those that must stay comes here: without the lock where nothing can follow.
        if (!endpoint.Health.IsHealthy || Ejected >= policy.MaxEjected(Volatile.Read(ref _endpoints).Length))
        {
            return HealthChange.None;
        }

        lock (_lock)
        {
            return Array.IndexOf(_endpoints, endpoint) >= 0 && TryEject_NeedsLock(endpoint, reason, now, policy)
                ? HealthChange.Ejected
                : HealthChange.None;
        }
    }

    private bool TryEject_NeedsLock(Endpoint endpoint, EjectionReason reason, long now, EjectionPolicy policy)
    {
        // A call keeps the policy it began with: the limit of a newer one holds too.
        if (!endpoint.Health.IsHealthy || _out >= Math.Min(_limit, policy.MaxEjected(_endpoints.Length)))
        {
            return false;
        }

        Eject_NeedsLock(endpoint, reason, now, policy);
        Recount_NeedsLock();
        return true;
    }

    private void Eject_NeedsLock(Endpoint endpoint, EjectionReason reason, long now, EjectionPolicy policy) =>
        endpoint.Health.Eject_NeedsLedgerLock(reason, times =>
        {
            var jitter = policy.MaxJitter > TimeSpan.Zero ? policy.MaxJitter * random.NextDouble() : TimeSpan.Zero;
            return now + (long)((policy.Duration(times) + jitter).TotalSeconds * time.TimestampFrequency);
        });

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
            if (endpoint.Health is { Condition: EndpointCondition.Ejected, FailsChecks: false })
            {
                next = Math.Min(next, endpoint.Health.Until);
            }
        }

        Volatile.Write(ref _out, count);
        Volatile.Write(ref _nextProbe, next);
        Volatile.Write(ref _version, _version + 1);
    }
}
