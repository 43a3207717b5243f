using System.Net;
using Mesh.Client.Ejection;
using Mesh.Outcomes;

namespace Mesh.Client.Tests.Simulation;

/// <summary>
/// Ejection after the documentation: failures in a row and, at the end of an interval, those that stand out, go for
/// base × times, at most the longest, while the share has room; one request probes when the time is up; an interval
/// spent in rotation forgives one ejection.
/// </summary>
/// <typeparam name="T">What identifies an endpoint.</typeparam>
internal sealed class ReferenceHealth<T>(EjectionPolicy policy, long started)
    where T : class
{
    private readonly Dictionary<T, State> _states = new(ReferenceEqualityComparer.Instance);
    private T[] _current = [];
    private long _due = started + policy.Interval.Ticks;
    private long? _swept;

    public int Out => _current.Count(endpoint => Of(endpoint).Condition != EndpointCondition.Healthy);

    public int Limit => _current.Length <= 1 ? 0 : Math.Clamp(_current.Length * policy.MaxPercent / 100, 1, _current.Length - 1);

    public EndpointCondition ConditionOf(T endpoint) => Of(endpoint).Condition;

    public long UntilOf(T endpoint) => Of(endpoint).Until;

    public int TimesOf(T endpoint) => Of(endpoint).Times;

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

    public void Receive(T endpoint, CallOutcome outcome, HttpStatusCode? status, TimeSpan elapsed, bool probe, long now)
    {
        var state = Of(endpoint);
        if (policy.Compares && outcome != CallOutcome.CancelledByCaller)
        {
            state.Window.Add(outcome is CallOutcome.Success or CallOutcome.Overload);
            if (state.IsTimed && outcome != CallOutcome.NotSent)
            {
                state.Latencies.Add(elapsed);
            }
        }

        if (!probe)
        {
            Count(endpoint, state, outcome, status, now);
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

    /// <summary>Time goes by.</summary>
    /// <returns>How many endpoints were ejected at the end of an interval.</returns>
    public int Sweep(long now)
    {
        if (now < _due)
        {
            return 0;
        }

        _due = now + policy.Interval.Ticks;
        var before = Out;
        if (policy.Compares)
        {
            var windows = _current.Select(endpoint => (Endpoint: endpoint, Successes: Of(endpoint).Window.Count(static success => success), Requests: Of(endpoint).Window.Count)).ToArray();
            foreach (var endpoint in policy.SuccessRate is { } rate ? ReferenceOutliers.BySuccessRate(windows, rate) : [])
            {
                TryEject(endpoint, now);
            }

            foreach (var endpoint in policy.FailurePercentage is { } percentage ? ReferenceOutliers.ByFailurePercentage(windows, percentage) : [])
            {
                TryEject(endpoint, now);
            }

            var latencies = _current.Select(endpoint => (endpoint, (IReadOnlyList<TimeSpan>)Of(endpoint).Latencies)).ToArray();
            foreach (var endpoint in policy.Latency is { } latency ? ReferenceOutliers.ByLatency(latencies, latency) : [])
            {
                TryEject(endpoint, now);
            }
        }

        foreach (var state in _current.Select(Of))
        {
            state.Window.Clear();
            state.Latencies.Clear();
            state.IsTimed = policy.Latency is not null;
            if (state.Condition == EndpointCondition.Healthy && state.HealthySince <= _swept && state.Times > 0)
            {
                state.Times--;
            }
        }

        _swept = now;
        return Out - before;
    }

    private void Count(T endpoint, State state, CallOutcome outcome, HttpStatusCode? status, long now)
    {
        switch (outcome)
        {
            case CallOutcome.Failure or CallOutcome.NotSent when status is null && policy.ConsecutiveLocalFailures > 0:
                state.Local++;
                break;
            case CallOutcome.Failure or CallOutcome.NotSent:
                state.Local = 0;
                state.Failures++;
                state.Gateway = status is null or HttpStatusCode.BadGateway ? state.Gateway + 1 : 0;
                break;
            case CallOutcome.Success or CallOutcome.Overload:
                state.Forget();
                return;
            default:
                return;
        }

        // Only the kinds that this failure is one of can have got there by it.
        var isLocal = status is null && policy.ConsecutiveLocalFailures > 0;
        if (isLocal
            ? state.Local >= policy.ConsecutiveLocalFailures
            : (policy.ConsecutiveFailures > 0 && state.Failures >= policy.ConsecutiveFailures)
                || (policy.ConsecutiveGatewayFailures > 0 && state.Gateway >= policy.ConsecutiveGatewayFailures))
        {
            TryEject(endpoint, now);
        }
    }

    private void TryEject(T endpoint, long now)
    {
        var state = Of(endpoint);
        if (state.Condition == EndpointCondition.Healthy && Out < Limit && _current.Contains(endpoint))
        {
            Eject(state, now);
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
        state.Forget();
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

        public int Gateway { get; set; }

        public int Local { get; set; }

        /// <summary>Of each attempt since the last comparison, whether it succeeded.</summary>
        public List<bool> Window { get; } = [];

        /// <summary>How long each attempt since then took that reached the endpoint.</summary>
        public List<TimeSpan> Latencies { get; } = [];

        /// <summary>Times are taken from the end of the first interval on.</summary>
        public bool IsTimed { get; set; }

        public int Times { get; set; }

        public long Until { get; set; }

        public long HealthySince { get; set; }

        public void Forget() => Failures = Gateway = Local = 0;
    }
}
