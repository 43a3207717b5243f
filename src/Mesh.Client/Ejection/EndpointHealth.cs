using Mesh.Outcomes;

namespace Mesh.Client.Ejection;

/// <summary>
/// Whether one endpoint is in rotation. Lives as long as the endpoint is known, through every reload.
/// </summary>
/// <remarks>
/// Healthy → (it stands out by its failures or its latency, and the <see cref="EjectionLedger"/> has room) → Ejected →
/// (time is up, one request claims the probe) → Probing → Healthy on success, Ejected for longer on failure. The claimed
/// request is a real one; everybody else still goes elsewhere. Counters are atomics; only a change of state takes the
/// ledger's lock.
/// </remarks>
internal sealed class EndpointHealth
{
    private int _failures;
    private int _gatewayFailures;
    private int _localFailures;
    private volatile EndpointCondition _condition;
    private volatile bool _failsChecks;
    private volatile bool _isInRotation = true;
    private volatile EjectionReason _reason;
    private long _until;
    private long _healthySince;
    private int _timesEjected;

    public EndpointCondition Condition => _condition;

    public bool IsHealthy => _condition == EndpointCondition.Healthy;

    /// <summary>Whether it is out by what became of calls to it.</summary>
    public bool IsEjected => _condition is EndpointCondition.Ejected or EndpointCondition.Probing;

    /// <summary>Whether it answers its health checks badly; <see langword="false"/> where it is not checked.</summary>
    public bool FailsChecks => _failsChecks;

    /// <summary>Whether it is neither ejected nor failing its checks: one read, because every pick asks.</summary>
    public bool IsInRotation => _isInRotation;

    /// <summary>Why it was ejected last; meaningful while it is out.</summary>
    public EjectionReason Reason => _reason;

    /// <summary>What became of its attempts lately, for the comparison with its peers.</summary>
    public OutlierWindow Window { get; } = new();

    /// <summary>Whether its ejection is over and a probe may be claimed.</summary>
    public bool IsProbeDue(long now) => _condition == EndpointCondition.Ejected && !_failsChecks && now >= Volatile.Read(ref _until);

    /// <summary>When the ejection ends, as a timestamp; meaningful while ejected.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>When it last returned from an ejection, as a timestamp; 0 when it was never out.</summary>
    public long HealthySince => Volatile.Read(ref _healthySince);

    /// <summary>How many ejections count for the length of the next: one is forgiven for each interval spent in rotation.</summary>
    public int TimesEjected => Volatile.Read(ref _timesEjected);

    /// <summary>Counts an outcome of ordinary traffic.</summary>
    /// <returns>Why the endpoint should be ejected, if so many failures have come in a row.</returns>
    public EjectionReason? Count(in AttemptReport report, EjectionPolicy policy)
    {
        switch (report.Outcome)
        {
            case CallOutcome.Failure or CallOutcome.NotSent:
                return CountFailure(report.Origin, policy);
            case CallOutcome.Success or CallOutcome.Overload:
                // Overload is an answer: the endpoint lives.
                Clear(ref _failures);
                Clear(ref _gatewayFailures);
                Clear(ref _localFailures);
                return null;
            default:
                return null;
        }
    }

    /// <summary>Ejects it once more.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="until">When the time of the n-th ejection is up.</param>
    public void Eject_NeedsLedgerLock(EjectionReason reason, Func<int, long> until)
    {
        _timesEjected++;
        _reason = reason;
        Volatile.Write(ref _until, until(_timesEjected));
        Set_NeedsLedgerLock(EndpointCondition.Ejected, _failsChecks);
    }

    public bool Claim_NeedsLedgerLock(long now)
    {
        if (!IsProbeDue(now))
        {
            return false;
        }

        Set_NeedsLedgerLock(EndpointCondition.Probing, _failsChecks);
        return true;
    }

    public void Release_NeedsLedgerLock() => Set_NeedsLedgerLock(EndpointCondition.Ejected, _failsChecks);

    public void Restore_NeedsLedgerLock(long now)
    {
        Clear(ref _failures);
        Clear(ref _gatewayFailures);
        Clear(ref _localFailures);
        Volatile.Write(ref _healthySince, now);
        Set_NeedsLedgerLock(EndpointCondition.Healthy, _failsChecks);
    }

    /// <summary>Takes over what its health checks say.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Judge_NeedsLedgerLock(bool fails, long now)
    {
        if (fails == _failsChecks)
        {
            return false;
        }

        if (!fails)
        {
            // Slow start begins here too.
            Volatile.Write(ref _healthySince, now);
        }

        Set_NeedsLedgerLock(_condition, fails);
        return true;
    }

    /// <summary>An interval has gone by.</summary>
    /// <param name="since">When it began.</param>
    public void Forgive_NeedsLedgerLock(long since)
    {
        if (IsHealthy && _timesEjected > 0 && _healthySince <= since)
        {
            _timesEjected--;
        }
    }

    private void Set_NeedsLedgerLock(EndpointCondition condition, bool failsChecks)
    {
        _condition = condition;
        _failsChecks = failsChecks;
        _isInRotation = condition == EndpointCondition.Healthy && !failsChecks;
    }

    // As Envoy counts: without the split a missing answer is a gateway failure too, with it the kinds do not touch each other.
    private EjectionReason? CountFailure(FailureOrigin origin, EjectionPolicy policy)
    {
        if (policy.ConsecutiveLocalFailures > 0)
        {
            if (origin == FailureOrigin.Local)
            {
                return Reaches(ref _localFailures, policy.ConsecutiveLocalFailures) ? EjectionReason.ConsecutiveLocalFailures : null;
            }

            // Whatever it says, it could be reached.
            Clear(ref _localFailures);
        }

        var many = Reaches(ref _failures, policy.ConsecutiveFailures);
        if (origin == FailureOrigin.Answer)
        {
            Clear(ref _gatewayFailures);
        }
        else if (Reaches(ref _gatewayFailures, policy.ConsecutiveGatewayFailures) && !many)
        {
            return EjectionReason.ConsecutiveGatewayFailures;
        }

        return many ? EjectionReason.ConsecutiveFailures : null;
    }

    private static bool Reaches(ref int count, int threshold) => Interlocked.Increment(ref count) >= threshold && threshold > 0;

    // Written only when it changes, to leave the cache line shared.
    private static void Clear(ref int count)
    {
        if (Volatile.Read(ref count) != 0)
        {
            Volatile.Write(ref count, 0);
        }
    }
}
