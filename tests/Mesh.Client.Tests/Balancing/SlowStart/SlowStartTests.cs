using Mesh.Client.Balancing;
using Mesh.Client.Balancing.SlowStart;
using Mesh.Client.Discovery;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing.SlowStart;

public sealed class SlowStartTests
{
    private readonly FakeTimeProvider _time = new();

    // Envoy's formula: max(min_weight_percent, (age ÷ window)^(1 ÷ aggression)).
    [TestCase(0, 1, 0.1)]
    [TestCase(5, 1, 0.1)]
    [TestCase(50, 1, 0.5)]
    [TestCase(99, 1, 0.99)]
    [TestCase(25, 2, 0.5)]
    [TestCase(50, 0.5, 0.25)]
    public void ShareAt_PercentOfTheWindow_IsEnvoysFormula(int age, double aggression, double share) =>
        Assert.That(new SlowStartPolicy(100, aggression, 0.1).ShareAt(age), Is.EqualTo(share).Within(1e-9));

    [Test]
    public void Pick_EndpointJoinsLater_GrowsIntoItsShare(
        [Values(LoadBalancingPolicies.LeastRequest, LoadBalancingPolicies.PeakEwma, LoadBalancingPolicies.Random, LoadBalancingPolicies.RoundRobin)] string policy)
    {
        var registry = Registry();
        registry.Update("https", [At(1), At(2), At(3)]);
        _time.Advance(TimeSpan.FromMinutes(10));
        var endpoints = registry.Update("https", [At(1), At(2), At(3), At(4)])!;
        var fresh = endpoints.Single(static endpoint => endpoint.Address.EndsWith(":4", StringComparison.Ordinal));
        var set = Set(endpoints, policy);
        double[] shares = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            var share = ShareOf(fresh, set);
            _time.Advance(TimeSpan.FromSeconds(30));
            return share;
        })];

        // A tenth of a weight of one among three is 3.2 %; P2C prefers nobody while all are idle.
        Assert.That(shares[0], Is.EqualTo(0.032).Within(0.012));
        Assert.That(shares[1], Is.EqualTo(0.143).Within(0.03));
        Assert.That(shares[2], Is.EqualTo(0.25).Within(0.015));
    }

    [Test]
    public void Pick_EndpointReturnsFromEjection_GrowsIntoItsShareAgain()
    {
        var endpoints = Registry().Update("https", [At(1), At(2), At(3), At(4)])!;
        var policy = new EjectionPolicy(1, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 100);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var set = Set(endpoints, LoadBalancingPolicies.Random, ledger);
        Assert.That(ShareOf(endpoints[0], set), Is.EqualTo(0.25).Within(0.015), "those that are there from the beginning are not held back");

        ledger.Fail(endpoints[0], _time, policy);
        _time.Advance(TimeSpan.FromSeconds(30));
        ledger.ClaimProbe(_time.GetTimestamp());
        ledger.Record(endpoints[0], CallOutcome.Success, probe: true, _time.GetTimestamp(), policy);
        Assert.That(ShareOf(endpoints[0], set), Is.EqualTo(0.032).Within(0.012));

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(ShareOf(endpoints[0], set), Is.EqualTo(0.25).Within(0.015));
    }

    [Test]
    public void Pick_OnlyFreshOnesAreLeft_StillPicks()
    {
        var registry = Registry();
        registry.Update("https", [At(1)]);
        registry.Update("https", [At(1), At(2), At(3)]);
        var endpoints = registry.Update("https", [At(2), At(3)])!;
        var set = Set(endpoints, LoadBalancingPolicies.LeastRequest);

        Assert.That(ShareOf(endpoints[0], set), Is.EqualTo(0.5).Within(0.03));
    }

    private double ShareOf(Endpoint endpoint, EndpointSet set)
    {
        const int Picks = 10_000;
        var random = new Random(7);
        var count = 0;
        for (var i = 0; i < Picks; i++)
        {
            count += set.Pick(random, [], _time.GetTimestamp(), 0).Endpoint == endpoint ? 1 : 0;
        }

        return (double)count / Picks;
    }

    private EndpointSet Set(Endpoint[] endpoints, string policy, EjectionLedger? ledger = null)
    {
        var options = new LoadBalancingOptions { Policy = policy, SlowStart = { Window = TimeSpan.FromSeconds(60) } };
        return new EndpointSet(endpoints, "https", ledger ?? Replicas.LedgerOf(_time, endpoints), Replicas.Balancing(options, new Random(1), time: _time));
    }

    private EndpointRegistry Registry() => new(static _ => throw new InvalidOperationException("No connections here."), _time);

    private static DiscoveredEndpoint At(int port) => new(new EndpointAddress("10.0.0.1", port), EndpointMetadata.Default);
}
