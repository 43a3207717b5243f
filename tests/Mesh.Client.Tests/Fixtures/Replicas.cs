using Mesh.Client.Balancing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Identity;
using Mesh.Outcomes;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>Endpoints without connections, for tests of whatever chooses among them.</summary>
internal static class Replicas
{
    public static EjectionPolicy Unlimited { get; } = new(ConsecutiveFailures: 5, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), MaxPercent: 100);

    public static Endpoint[] Create(int count, TimeProvider? time = null) =>
        [.. Enumerable.Range(0, count).Select(i => new Endpoint(
            new EndpointAddress("10.0.0.1", 5000 + i), "https", static _ => throw new InvalidOperationException("No connections here."), time ?? TimeProvider.System))];

    /// <summary>Endpoints of these weights.</summary>
    public static Endpoint[] Weighing(params int[] weights) => With([.. weights.Select(static weight => new EndpointMetadata { Weight = weight })]);

    /// <summary>Endpoints of which discovery says this.</summary>
    public static Endpoint[] With(params EndpointMetadata[] metadata)
    {
        var endpoints = Create(metadata.Length);
        foreach (var (index, endpoint) in endpoints.Index())
        {
            endpoint.Metadata = metadata[index];
        }

        return endpoints;
    }

    /// <summary>The balancer that a configuration gets by this name.</summary>
    public static LoadBalancer Balancer(string policy, Endpoint[] endpoints, Random random) => Balancing(policy, random).Policy.Create(endpoints, random);

    /// <summary>The settings of a service that names this policy and nothing else.</summary>
    public static BalancingPolicy Balancing(string policy, Random random) => Balancing(new LoadBalancingOptions { Policy = policy }, random);

    public static BalancingPolicy Balancing(LoadBalancingOptions options, Random random, MeshServiceOptions? own = null, TimeProvider? time = null) =>
        BalancingPolicy.Compile(options, new LoadBalancingOptions(), new BalancingContext(own ?? new MeshServiceOptions(), time ?? TimeProvider.System, random, new PolicyCatalog([])));

    /// <summary>A ledger whose only limits are those of the policy that outcomes are recorded with.</summary>
    public static EjectionLedger LedgerOf(TimeProvider time, Endpoint[] endpoints)
    {
        var ledger = new EjectionLedger(time, new Random(1));
        ledger.Reset(endpoints, Unlimited);
        return ledger;
    }

    /// <summary>Tells of an attempt that took no time and, where it failed, was answered with 500.</summary>
    public static HealthChange Record(this EjectionLedger ledger, Endpoint endpoint, CallOutcome outcome, bool probe, long now, EjectionPolicy policy) =>
        ledger.Record(endpoint, new AttemptReport(outcome, outcome == CallOutcome.NotSent ? FailureOrigin.Local : FailureOrigin.Answer, TimeSpan.Zero, probe, now), policy);

    /// <summary>Fails calls to an endpoint until it is ejected, or the ledger has no room.</summary>
    public static HealthChange Fail(this EjectionLedger ledger, Endpoint endpoint, TimeProvider time, EjectionPolicy policy)
    {
        var change = HealthChange.None;
        for (var i = 0; i < policy.ConsecutiveFailures && change == HealthChange.None; i++)
        {
            change = ledger.Record(endpoint, CallOutcome.Failure, probe: false, time.GetTimestamp(), policy);
        }

        return change;
    }
}
