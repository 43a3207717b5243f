using Mesh.Outcomes;

namespace Mesh.Client.Ejection;

/// <summary>
/// Whether one endpoint is in rotation. Lives as long as the endpoint is known, through every reload.
/// </summary>
/// <remarks>
/// Healthy → (n failures in a row, and the <see cref="EjectionLedger"/> has room) → Ejected → (time is up, one request
/// claims the probe) → Probing → Healthy on success, Ejected for longer on failure. The claimed request is a real one;
/// everybody else still goes elsewhere. Counters are atomics; only a change of state takes the ledger's lock.
/// </remarks>
internal sealed class EndpointHealth
{
    private int _consecutiveFailures;
    private volatile EndpointCondition _condition;
    private long _until;
    private long _healthySince;
    private int _timesEjected;

    public EndpointCondition Condition => _condition;

    public bool IsHealthy => _condition == EndpointCondition.Healthy;

    /// <summary>Whether its ejection is over and a probe may be claimed.</summary>
    public bool IsProbeDue(long now) => _condition == EndpointCondition.Ejected && now >= Volatile.Read(ref _until);

    /// <summary>When the ejection ends, as a timestamp; meaningful while ejected.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>When it last returned from an ejection, as a timestamp; 0 when it was never out.</summary>
    public long HealthySince => Volatile.Read(ref _healthySince);

    public int TimesEjected => Volatile.Read(ref _timesEjected);

    /// <summary>Counts an outcome of ordinary traffic.</summary>
    /// <returns>Whether so many failures have come in a row that the endpoint should be ejected.</returns>
    public bool Count(CallOutcome outcome, EjectionPolicy policy)
    {
        switch (outcome)
        {
            case CallOutcome.Failure or CallOutcome.NotSent:
                return Interlocked.Increment(ref _consecutiveFailures) >= policy.ConsecutiveFailures
                    && policy.ConsecutiveFailures > 0
                    && IsHealthy;
            case CallOutcome.Success or CallOutcome.Overload:
                // Overload is an answer: the endpoint lives. Written only when it changes, to leave the cache line shared.
                if (Volatile.Read(ref _consecutiveFailures) != 0)
                {
                    Volatile.Write(ref _consecutiveFailures, 0);
                }

                return false;
            default:
                return false;
        }
    }

    public void Eject_NeedsLedgerLock(long now, long frequency, EjectionPolicy policy)
    {
        if (_condition == EndpointCondition.Healthy)
        {
            // Envoy takes one off the multiplier for each sweep the host stayed healthy; counted here when it is needed.
            var quietTimes = (now - _healthySince) / Math.Max(1, (long)(policy.BaseTime.TotalSeconds * frequency));
            _timesEjected -= (int)Math.Min(_timesEjected, quietTimes);
        }

        _timesEjected++;
        Volatile.Write(ref _until, now + (long)(policy.Duration(_timesEjected).TotalSeconds * frequency));
        _condition = EndpointCondition.Ejected;
    }

    public bool Claim_NeedsLedgerLock(long now)
    {
        if (!IsProbeDue(now))
        {
            return false;
        }

        _condition = EndpointCondition.Probing;
        return true;
    }

    public void Release_NeedsLedgerLock() => _condition = EndpointCondition.Ejected;

    public void Restore_NeedsLedgerLock(long now)
    {
        Volatile.Write(ref _consecutiveFailures, 0);
        Volatile.Write(ref _healthySince, now);
        _condition = EndpointCondition.Healthy;
    }
}
