using CsCheck;
using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing.Hashing;

public sealed class ConsistentHashTests
{
    private const int Keys = 20_000;
    private static readonly EjectionPolicy Ejection = new(1, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 100);

    [Test]
    public void Pick_SameKey_IsTheSameEndpointInEveryProcess([Values(LoadBalancingPolicies.RingHash, LoadBalancingPolicies.Maglev)] string policy)
    {
        var here = Replicas.Create(20);
        var there = Replicas.Create(20).Reverse().ToArray();
        var a = Replicas.Balancer(policy, here, new Random(1));
        var b = Replicas.Balancer(policy, there, new Random(2));
        for (var key = 0; key < 1000; key++)
        {
            Assert.That(there[Pick(b, key)].Address, Is.EqualTo(here[Pick(a, key)].Address));
        }
    }

    [Test]
    public void Pick_NoKey_GoesAnywhereInShare([Values(LoadBalancingPolicies.RingHash, LoadBalancingPolicies.Maglev)] string policy)
    {
        var random = new Random(1);
        var endpoints = Replicas.Create(5);

        var counts = LoadBalancerTests.Count(Replicas.Balancer(policy, endpoints, random), 5, Keys, random);

        Assert.That(counts, Is.All.InRange(Keys / 5 * 0.7, Keys / 5 * 1.3));
    }

    [Test]
    public void Fill_AnyWeights_PlacesAreTheShares() => Gen.Int[1, 100].Array[2, 40].Sample(weights =>
    {
        var owners = MaglevPolicy.Fill(Replicas.Weighing(weights), 65_537);
        var total = (double)weights.Sum();
        for (var i = 0; i < weights.Length; i++)
        {
            // Turns are whole, and the first is everybody's, however light: a place at most, which the others lack.
            Assert.That(owners.Count(owner => owner == i), Is.EqualTo(65_537 * weights[i] / total).Within(2 + (weights.Length * weights[i] / total)));
        }
    }, iter: 30);

    [Test]
    public void Place_AnyWeights_PlacesAreTheSharesAndSorted() => Gen.Int[1, 100].Array[2, 40].Sample(weights =>
    {
        var owners = new RingHashPolicy(1024, 1 << 20, 0, 1).Place(Replicas.Weighing(weights), out var hashes);
        var total = (double)weights.Sum();
        Assert.That(hashes, Is.Ordered);
        Assert.That(hashes, Has.Length.GreaterThanOrEqualTo(1024));
        for (var i = 0; i < weights.Length; i++)
        {
            // A share of the scale, rounded by less than one place; the ring itself is less than one place longer than the scale.
            Assert.That(owners.Count(owner => owner == i), Is.EqualTo(owners.Length * weights[i] / total).Within(1.001 + (weights[i] / total)));
        }
    }, iter: 50);

    [Test]
    public void Place_WeightsWouldAskForAHugeRing_IsBounded() =>
        Assert.That(new RingHashPolicy(1024, 4096, 0, 1).Place(Replicas.Weighing(1, 1_000_000), out _), Has.Length.InRange(4095, 4097));

    [Test]
    public void Place_MoreEndpointsThanPlaces_EachHasOne() =>
        Assert.That(new RingHashPolicy(16, 16, 0, 1).Place(Replicas.Create(100), out _).Distinct().Count(), Is.EqualTo(100));

    // A tenth of the keys belonged to it. The ring also grows new places for the others, the table shifts a few turns.
    [TestCase(LoadBalancingPolicies.RingHash, 0.25)]
    [TestCase(LoadBalancingPolicies.Maglev, 0.15)]
    public void Pick_OneOfTenLeaves_FewKeysMove(string policy, double limit)
    {
        var endpoints = Replicas.Create(10);
        var before = Replicas.Balancer(policy, endpoints, new Random(1));
        var after = Replicas.Balancer(policy, endpoints[1..], new Random(1));

        var moved = Enumerable.Range(0, Keys).Count(key => endpoints[1..][Pick(after, key)] != endpoints[Pick(before, key)]);

        Assert.That(moved / (double)Keys, Is.InRange(0.05, limit));
    }

    [Test]
    public void Pick_OwnerIsOut_OnlyItsKeysMoveAndTheyReturn([Values(LoadBalancingPolicies.RingHash, LoadBalancingPolicies.Maglev)] string policy)
    {
        var time = new FakeTimeProvider();
        var endpoints = Replicas.Create(8);
        var ledger = Replicas.LedgerOf(time, endpoints);
        var balancer = Replicas.Balancer(policy, endpoints, new Random(1));
        var before = Enumerable.Range(0, 5000).Select(key => Pick(balancer, key)).ToArray();
        ledger.Fail(endpoints[3], time, Ejection);

        var during = Enumerable.Range(0, 5000).Select(key => Pick(balancer, key)).ToArray();

        var displaced = new HashSet<int>();
        for (var key = 0; key < during.Length; key++)
        {
            if (before[key] != 3)
            {
                Assert.That(during[key], Is.EqualTo(before[key]));
            }
            else
            {
                displaced.Add(during[key]);
            }
        }

        Assert.That(displaced, Has.No.Member(3).And.Count.GreaterThan(3), "its keys are shared among the others");
    }

    [Test]
    public void Pick_OwnerWasTried_IsTheNextOneForEveryCall([Values(LoadBalancingPolicies.RingHash, LoadBalancingPolicies.Maglev)] string policy)
    {
        var endpoints = Replicas.Create(8);
        var balancer = Replicas.Balancer(policy, endpoints, new Random(1));
        var owner = Pick(balancer, 7);

        var next = Enumerable.Range(0, 50).Select(_ => balancer.Pick(new PickContext([endpoints[owner]], Random.Shared, 0, HashOf(7), ignoreHealth: false))).Distinct().ToArray();

        Assert.That(next, Has.Length.EqualTo(1).And.No.Member(owner));
    }

    [Test]
    public void Pick_BoundedLoadWithOneHotKey_NobodyExceedsTheBound([Values(LoadBalancingPolicies.RingHash, LoadBalancingPolicies.Maglev)] string policy)
    {
        var endpoints = Replicas.Weighing(1, 1, 1, 1, 2);
        var balancer = Replicas.Balancing(new LoadBalancingOptions { Policy = policy, HashBalanceFactor = 150 }, new Random(1)).Policy.Create(endpoints, new Random(1));
        var owner = Pick(balancer, 7);
        for (var inFlight = 1; inFlight <= 600; inFlight++)
        {
            var picked = endpoints[Pick(balancer, 7)];
            picked.Begin();
            Assert.That(picked.Active, Is.LessThanOrEqualTo(Math.Ceiling(1.5 * inFlight / 6 * picked.Metadata.Weight)));
        }

        Assert.That(endpoints[owner].Active, Is.EqualTo(150 * endpoints[owner].Metadata.Weight).Within(1), "the key fills its own endpoint first");
    }

    [Test]
    public void Pick_BoundedLoadAndIdle_StaysWithTheOwner()
    {
        var endpoints = Replicas.Create(5);
        var bounded = Replicas.Balancing(new LoadBalancingOptions { Policy = LoadBalancingPolicies.RingHash, HashBalanceFactor = 125 }, new Random(1)).Policy.Create(endpoints, new Random(1));
        var free = Replicas.Balancer(LoadBalancingPolicies.RingHash, endpoints, new Random(1));

        Assert.That(Enumerable.Range(0, 500).Select(key => Pick(bounded, key)), Is.EqualTo(Enumerable.Range(0, 500).Select(key => Pick(free, key))));
    }

    private static int Pick(LoadBalancer balancer, int key) => balancer.Pick(new PickContext([], Random.Shared, 0, HashOf(key), ignoreHealth: false));

    private static ulong HashOf(int key) => StableHash.Of($"key-{key}");
}
