using Mesh.Client.Ejection;
using Mesh.Outcomes;

namespace Mesh.Client.Tests.Simulation;

/// <summary>
/// Ejection by failures in a row, after the documentation: n in a row eject for base × times, at most the longest, while
/// the share has room; one request probes when the time is up; a quiet base time forgives one ejection.
/// </summary>
/// <typeparam name="T">What identifies an endpoint.</typeparam>
internal sealed class ReferenceHealth<T>(EjectionPolicy policy)
    where T : class
{
    private readonly Dictionary<T, State> _states = new(ReferenceEqualityComparer.Instance);
    private T[] _current = [];

    public int Out => _current.Count(endpoint => Of(endpoint).Condition != EndpointCondition.Healthy);

    public int Limit => _current.Length <= 1 ? 0 : Math.Clamp(_current.Length * policy.MaxPercent / 100, 1, _current.Length - 1);

    public EndpointCondition ConditionOf(T endpoint) => Of(endpoint).Condition;

    public long UntilOf(T endpoint) => Of(endpoint).Until;

    /// <summary>Discovery names these from now on.</summary>
    public void Name(T[] endpoints, long now)
    {
        _current = endpoints;
        foreach (var endpoint in endpoints.Where(endpoint => Of(endpoint).Condition != EndpointCondition.Healthy).OrderBy(endpoint => Of(endpoint).Until).Take(Math.Max(0, Out - Limit)).ToArray())
        {
            Restore(Of(endpoint), now);
        }
    }

    /// <summary>A request goes to an endpoint.</summary>
    /// <returns>Whether it is the probe: the first to an ejected endpoint that the mesh calls "probing".</returns>
    public bool TrySend(T endpoint, EndpointCondition claimed, long now, out bool early)
    {
        var state = Of(endpoint);
        early = false;
        if (state.Condition != EndpointCondition.Ejected || claimed != EndpointCondition.Probing)
        {
            return false;
        }

        early = now < state.Until;
        state.Condition = EndpointCondition.Probing;
        return true;
    }

    public void Receive(T endpoint, CallOutcome outcome, bool probe, long now)
    {
        var state = Of(endpoint);
        if (!probe)
        {
            Count(endpoint, state, outcome, now);
        }
        else if (state.Condition == EndpointCondition.Probing)
        {
            switch (outcome)
            {
                case CallOutcome.Success or CallOutcome.Overload:
                    Restore(state, now);
                    break;
                case CallOutcome.CancelledByCaller:
                    state.Condition = EndpointCondition.Ejected;
                    break;
                default:
                    Eject(state, now);
                    break;
            }
        }
    }

    /// <summary>Forgets endpoints that are no more.</summary>
    public void Forget(T endpoint) => _states.Remove(endpoint);

    private void Count(T endpoint, State state, CallOutcome outcome, long now)
    {
        switch (outcome)
        {
            case CallOutcome.Failure or CallOutcome.NotSent:
                state.Failures++;
                if (state.Failures >= policy.ConsecutiveFailures && state.Condition == EndpointCondition.Healthy && Out < Limit && _current.Contains(endpoint))
                {
                    state.Times -= (int)Math.Min(state.Times, (now - state.HealthySince) / policy.BaseTime.Ticks);
                    Eject(state, now);
                }

                break;
            case CallOutcome.Success or CallOutcome.Overload:
                state.Failures = 0;
                break;
            default:
                break;
        }
    }

    private void Eject(State state, long now)
    {
        state.Times++;
        state.Until = now + Math.Min(policy.BaseTime.Ticks * state.Times, policy.MaxTime.Ticks);
        state.Condition = EndpointCondition.Ejected;
    }

    private static void Restore(State state, long now)
    {
        state.Failures = 0;
        state.HealthySince = now;
        state.Condition = EndpointCondition.Healthy;
    }

    private State Of(T endpoint)
    {
        if (!_states.TryGetValue(endpoint, out var state))
        {
            _states[endpoint] = state = new State();
        }

        return state;
    }

    private sealed class State
    {
        public EndpointCondition Condition { get; set; }

        public int Failures { get; set; }

        public int Times { get; set; }

        public long Until { get; set; }

        public long HealthySince { get; set; }
    }
}
