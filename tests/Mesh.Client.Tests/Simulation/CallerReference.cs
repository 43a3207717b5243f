using System.Net;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Outcomes;

namespace Mesh.Client.Tests.Simulation;

/// <summary>The second computation of one caller's state, from what goes over the network, and the comparison of both.</summary>
internal sealed class CallerReference
{
    // A float and stamps of 61 µs against doubles and ticks.
    private const double EwmaTolerance = 0.002;

    private readonly ServiceTarget _service;
    private readonly VirtualTime _time;
    private readonly ReferenceBudget _budget;
    private readonly ReferenceHealth<Endpoint> _health;
    private readonly Dictionary<Endpoint, (ReferenceEwma Upper, ReferenceEwma Lower)> _latencies = new(ReferenceEqualityComparer.Instance);
    private readonly bool _balancerReadsLatency;
    private long _retries;
    private long _exhausted;
    private string? _violation;
    private ulong _trace = 14695981039346656037; // FNV-1a

    public CallerReference(ServiceTarget service, VirtualTime time)
    {
        _service = service;
        _time = time;
        var budget = service.Policy.Retry.Budget;
        _budget = new ReferenceBudget(budget.Ratio, budget.MinPerSecond, budget.Ttl);
        _health = new ReferenceHealth<Endpoint>(service.Policy.Ejection, time.GetTimestamp());
        _balancerReadsLatency = service.Policy.Balancing.Policy.Name == LoadBalancingPolicies.PeakEwma;
    }

    /// <summary>A number made of everything that happened, in its order.</summary>
    public ulong Trace => _trace;

    public int Attempts { get; private set; }

    public int Ejections { get; private set; }

    public long Retries => _retries;

    public long Refused => _exhausted;

    public Dictionary<string, int> Picks { get; } = [];

    public void Violated(string message) => _violation ??= message;

    public void Begin() => _budget.Deposit(_time.GetTimestamp());

    /// <summary>The addresses that discovery names now.</summary>
    public HashSet<string> Names { get; set; } = [];

    public void Use(Endpoint[] endpoints) => _health.Name(endpoints, _time.GetTimestamp());

    /// <summary>The beat of the outlier detection.</summary>
    public void Sweep() => Ejections += _health.Sweep(_time.GetTimestamp());

    /// <summary>An attempt goes to an address; what is returned hears of its end.</summary>
    public Action<CallOutcome, HttpStatusCode?> Send(string address)
    {
        var now = _time.GetTimestamp();
        if (!Names.Contains(address) || Array.Find(_service.Endpoints.All, endpoint => endpoint.Address == address) is not { } endpoint)
        {
            Violated($"{address} was picked, which discovery does not name any more");
            return static (_, _) => { };
        }

        Attempts++;
        Picks[endpoint.Address] = Picks.GetValueOrDefault(endpoint.Address) + 1;
        Note(endpoint, 0);
        var probe = _health.TrySend(endpoint, endpoint.Health.Condition, now, out var early);
        Require(!early, $"{address} was probed before its time was up");
        return (outcome, status) => Receive(endpoint, outcome, status, probe, now);
    }

    /// <summary>Compares, after an event, what may have changed.</summary>
    public void Check(bool everything)
    {
        for (; _retries < _service.Retries; _retries++)
        {
            Require(_budget.TryWithdraw(_time.GetTimestamp()), "a retry was made that the budget cannot pay for");
        }

        for (; _exhausted < _service.Budget.Exhausted; _exhausted++)
        {
            Require(!_budget.TryWithdraw(_time.GetTimestamp()), "a retry was refused that the budget would have paid for");
        }

        var all = _service.Endpoints.All;
        Require(_service.Ledger.Ejected <= _health.Limit, $"{_service.Ledger.Ejected} of {all.Length} endpoints are out, allowed are {_health.Limit}");
        if (everything)
        {
            Require(Names.SetEquals(all.Select(static endpoint => endpoint.Address)), "the endpoints are not those that discovery names");
            foreach (var endpoint in all)
            {
                Compare(endpoint);
            }

            Require(_service.Ledger.Ejected == all.Count(static endpoint => !endpoint.Health.IsHealthy), "the ledger has miscounted");
            Require(all.All(static endpoint => endpoint.Active >= 0), "more attempts ended than began");
        }

        if (_violation is { } violation)
        {
            throw new InvariantException(violation);
        }
    }

    private void Receive(Endpoint endpoint, CallOutcome outcome, HttpStatusCode? status, bool probe, long sent)
    {
        var now = _time.GetTimestamp();
        var elapsed = TimeSpan.FromTicks(now - sent);
        Note(endpoint, 1 + (int)outcome);
        var before = _health.ConditionOf(endpoint);
        _health.Receive(endpoint, outcome, status, elapsed, probe, now);
        Ejections += before != EndpointCondition.Ejected && _health.ConditionOf(endpoint) == EndpointCondition.Ejected ? 1 : 0;
        var (upper, lower) = LatencyOf(endpoint);
        lower.Read(now);
        lower.Observe(outcome, elapsed, now);
        upper.Observe(outcome, elapsed, now);
    }

    private void Compare(Endpoint endpoint)
    {
        var now = _time.GetTimestamp();
        var health = endpoint.Health;
        Require(
            health.Condition == _health.ConditionOf(endpoint),
            $"{endpoint.Address} is {health.Condition}, and by the second computation {_health.ConditionOf(endpoint)}");
        Require(
            health.IsHealthy || health.TimesEjected == _health.TimesOf(endpoint),
            $"{endpoint.Address} is out for the {health.TimesEjected}. time, and by the second computation for the {_health.TimesOf(endpoint)}.");
        Require(
            health.Condition != EndpointCondition.Ejected || Math.Abs(health.Until - _health.UntilOf(endpoint)) <= 1,
            $"{endpoint.Address} is out until {health.Until}, and by the second computation until {_health.UntilOf(endpoint)}");

        // A balancer that reads the average lets it decay earlier: then it lies between never and always reading.
        var (upper, lower) = LatencyOf(endpoint);
        var seconds = endpoint.PeakLatencyNanoseconds(now) / 1e9;
        var most = upper.Read(now);
        var least = _balancerReadsLatency ? lower.Read(now) : most;
        Require(
            seconds <= (most * (1 + EwmaTolerance)) + 1e-6 && seconds >= (least * (1 - EwmaTolerance)) - 1e-6,
            $"the average latency of {endpoint.Address} is {seconds} s, and by the second computation {least} to {most} s");
    }

    private (ReferenceEwma Upper, ReferenceEwma Lower) LatencyOf(Endpoint endpoint)
    {
        if (!_latencies.TryGetValue(endpoint, out var latency))
        {
            _latencies[endpoint] = latency = (new ReferenceEwma(), new ReferenceEwma());
        }

        return latency;
    }

    private void Note(Endpoint endpoint, int what)
    {
        foreach (var value in (ReadOnlySpan<ulong>)[(ulong)_time.GetTimestamp(), (ulong)what, endpoint.EndPoint is System.Net.IPEndPoint ip ? (uint)ip.Address.GetHashCode() : 0])
        {
            _trace = (_trace ^ value) * 1099511628211;
        }
    }

    private void Require(bool condition, string violation)
    {
        if (!condition)
        {
            Violated(violation);
        }
    }
}
