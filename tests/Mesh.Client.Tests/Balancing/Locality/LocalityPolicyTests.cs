using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Locality;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Mesh.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing.Locality;

public sealed class LocalityPolicyTests
{
    private static readonly EjectionPolicy Ejection = new(1, TimeSpan.FromHours(1), TimeSpan.FromHours(1), 100);
    private static readonly MeshServiceOptions Own = new() { Region = "eu", Zone = "eu-1", SubZone = "rack-1" };

    [TestCase("eu", "eu-1", "rack-1", 0)]
    [TestCase("eu", "eu-1", "rack-2", 1)]
    [TestCase("eu", "eu-1", null, 1)]
    [TestCase("eu", "eu-2", "rack-1", 2)]
    [TestCase("us", "eu-1", "rack-1", 3)]
    [TestCase(null, null, null, 3)]
    public void RankOf_Distance_IsIstiosOrder(string? region, string? zone, string? subZone, int distance)
    {
        var policy = new LocalityPolicy("eu", "eu-1", "rack-1", null);
        var metadata = new EndpointMetadata { Region = region, Zone = zone, SubZone = subZone };

        Assert.That(policy.RankOf(metadata), Is.EqualTo(distance));
        Assert.That(policy.RankOf(metadata with { Priority = 2 }), Is.EqualTo(10 + distance), "its own priority goes first");
    }

    [TestCase("us", 3)]
    [TestCase("asia", 4)]
    [TestCase("eu", 0)]
    public void RankOf_RegionWithFailover_ItGoesBeforeTheOthers(string region, int distance) =>
        Assert.That(new LocalityPolicy("eu", null, null, "us").RankOf(new EndpointMetadata { Region = region }), Is.EqualTo(distance));

    [Test]
    public void RankOf_ProcessKnowsOnlyItsZone_RegionAndSubZoneDoNotMatter() =>
        Assert.That(new LocalityPolicy(null, "eu-1", null, null).RankOf(new EndpointMetadata { Region = "eu", Zone = "eu-1", SubZone = "rack-2" }), Is.Zero);

    [Test]
    public void Pick_EndpointsNearAndFar_AllGoNear()
    {
        var set = Set(out var near, out _, out _);
        var picked = Enumerable.Range(0, 500).Select(_ => set.Pick(Random.Shared, [], 0, 0).Endpoint).ToHashSet();
        Assert.That(picked, Is.EquivalentTo(near));
    }

    [Test]
    public void Pick_HalfOfTheNearOnesOut_SpillsOverByHealth()
    {
        var time = new FakeTimeProvider();
        var set = Set(out var near, out var sameRegion, out var ledger);
        ledger.Fail(near[0], time, Ejection);
        ledger.Fail(near[1], time, Ejection);
        var random = new Random(1);
        var counts = new Dictionary<Endpoint, int>();
        for (var i = 0; i < 20_000; i++)
        {
            var endpoint = set.Pick(random, [], 0, 0).Endpoint!;
            counts[endpoint] = counts.GetValueOrDefault(endpoint) + 1;
        }

        // 1.4 × 2/4 = 70 % stay near, the rest goes to the next zone and nothing over the sea.
        Assert.That(counts.Keys, Is.EquivalentTo(near[2..].Concat(sameRegion)));
        Assert.That(near[2..].Sum(endpoint => counts[endpoint]), Is.EqualTo(14_000).Within(300));
    }

    [Test]
    public void Pick_NearOnesReturn_CallsReturn()
    {
        var time = new FakeTimeProvider();
        var set = Set(out var near, out _, out var ledger, time);
        foreach (var endpoint in near)
        {
            ledger.Fail(endpoint, time, Ejection);
        }

        Assert.That(near, Has.None.SameAs(set.Pick(Random.Shared, [], 0, 0).Endpoint));
        foreach (var endpoint in near)
        {
            time.Advance(TimeSpan.FromHours(2));
            ledger.ClaimProbe(time.GetTimestamp(), [endpoint]);
            ledger.Record(endpoint, Mesh.Outcomes.CallOutcome.Success, probe: true, time.GetTimestamp(), Ejection);
        }

        Assert.That(near, Has.Member(set.Pick(Random.Shared, [], 0, 0).Endpoint));
    }

    [Test]
    public void Pick_LocalityOff_UsesEveryEndpoint()
    {
        var endpoints = Endpoints();
        var options = new LoadBalancingOptions { Locality = { Enabled = false } };
        var set = new EndpointSet(endpoints, "https", Replicas.LedgerOf(TimeProvider.System, endpoints), Replicas.Balancing(options, new Random(1), Own));

        var picked = Enumerable.Range(0, 2000).Select(_ => set.Pick(Random.Shared, [], 0, 0).Endpoint).ToHashSet();

        Assert.That(picked, Has.Count.EqualTo(endpoints.Length));
    }

    [Test]
    public void Pick_PrioritiesOfDiscoveryWithoutLocality_AreKept()
    {
        var endpoints = Replicas.With(new EndpointMetadata { Priority = 7 }, new EndpointMetadata { Priority = 3 }, new EndpointMetadata { Priority = 3 });
        var set = new EndpointSet(endpoints, "https", Replicas.LedgerOf(TimeProvider.System, endpoints), Replicas.Balancing(new LoadBalancingOptions(), new Random(1)));

        var picked = Enumerable.Range(0, 200).Select(_ => set.Pick(Random.Shared, [], 0, 0).Endpoint).ToHashSet();
        var retried = set.Pick(Random.Shared, endpoints.AsSpan(1, 2), 0, 0).Endpoint;

        Assert.That(picked, Is.EquivalentTo(endpoints[1..]));
        Assert.That(retried, Is.SameAs(endpoints[0]), "rather a less preferred endpoint than one that has failed this call");
    }

    private static EndpointSet Set(out Endpoint[] near, out Endpoint[] sameRegion, out EjectionLedger ledger, TimeProvider? time = null)
    {
        var endpoints = Endpoints();
        near = endpoints[..4];
        sameRegion = endpoints[4..7];
        ledger = Replicas.LedgerOf(time ?? TimeProvider.System, endpoints);
        return new EndpointSet(endpoints, "https", ledger, Replicas.Balancing(new LoadBalancingOptions(), new Random(1), Own));
    }

    private static Endpoint[] Endpoints()
    {
        var near = new EndpointMetadata { Region = "eu", Zone = "eu-1", SubZone = "rack-1" };
        return Replicas.With([.. Enumerable.Repeat(near, 4), .. Enumerable.Repeat(near with { Zone = "eu-2" }, 3), .. Enumerable.Repeat(near with { Region = "us" }, 3)]);
    }
}
