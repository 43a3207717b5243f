using Mesh.Client.CircuitBreaking;
using Mesh.Client.Policy;
using Mesh.Client.Throttling;
using Mesh.Outcomes;

namespace Mesh.Client.Calls;

/// <summary>What an attempt to a service has to pass before an endpoint is picked. Most services have none.</summary>
internal sealed class ServiceGate(CircuitBreaker? breaker, Throttle? throttle, Random random)
{
    public CircuitBreaker? Breaker => breaker;

    public Throttle? Throttle => throttle;

    /// <summary>Whether nothing but trials passes: what has an answer already, be it a bad one, is not repeated then.</summary>
    public bool IsBroken => breaker is { State: not CircuitState.Closed };

    /// <summary>The gate that a policy asks for, with the state of the one before; <see langword="null"/> for none.</summary>
    public static ServiceGate? Create(ServicePolicy policy, ServiceGate? before, TimeProvider time, Random random)
    {
        if (policy is { CircuitBreaker: null, Throttling: null })
        {
            return null;
        }

        var breaker = policy.CircuitBreaker is { } breaking ? before?.Breaker ?? new CircuitBreaker(breaking, time, random) : null;
        breaker?.Use(policy.CircuitBreaker!);
        var throttle = before?.Throttle;
        if (policy.Throttling is not { } throttling)
        {
            throttle = null;
        }
        else if (throttle?.Policy.Window == throttling.Window)
        {
            throttle.Use(throttling);
        }
        else
        {
            throttle = new Throttle(throttling, time);
        }

        return new ServiceGate(breaker, throttle, random);
    }

    /// <summary>Whether an attempt may be made.</summary>
    /// <param name="now">The moment, as a timestamp.</param>
    /// <param name="isTrial">Whether it finds out if the service has recovered.</param>
    /// <param name="refusal">Why not, where it may not.</param>
    public bool TryEnter(long now, out bool isTrial, out RejectionReason refusal)
    {
        isTrial = false;
        if (breaker is not null && !breaker.TryEnter(now, out isTrial))
        {
            refusal = RejectionReason.CircuitOpen;
            return false;
        }

        // A trial is one of few; held back as well, it would find out nothing for long.
        refusal = RejectionReason.Throttled;
        return throttle is null || isTrial || throttle.TryEnter(now, random);
    }

    /// <summary>Takes in what became of an attempt that has passed.</summary>
    /// <returns>The state of the circuit that follows, where it is another one.</returns>
    public CircuitState? Record(CallOutcome outcome, bool isTrial, long now)
    {
        throttle?.Record(outcome, now);
        return breaker?.Record(outcome, isTrial, now);
    }
}
