using Mesh.Client.Balancing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

public sealed class LoadBalancerTests
{
    private static readonly EjectionPolicy Policy = new(1, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 100);

    [Test]
    public void Pick_IdleEndpoints_IsFair(
        [Values(LoadBalancingPolicies.LeastRequest, LoadBalancingPolicies.PeakEwma, LoadBalancingPolicies.Random, LoadBalancingPolicies.RoundRobin)] string policy)
    {
        var random = new Random(20260501);
        var endpoints = Replicas.Create(10);

        var counts = Count(Replicas.Balancer(policy, endpoints, random), endpoints.Length, 20_000, random);

        ChiSquare.AssertFits(counts, endpoints.Select(static _ => 1.0));
    }

    [Test]
    public void Pick_IdleEndpointsWithWeights_GetTheirShares(
        [Values(LoadBalancingPolicies.LeastRequest, LoadBalancingPolicies.PeakEwma, LoadBalancingPolicies.Random, LoadBalancingPolicies.RoundRobin)] string policy)
    {
        int[] weights = [1, 1, 2, 5, 10, 30, 1, 50];
        var random = new Random(20260502);
        var endpoints = Replicas.Weighing(weights);

        var counts = Count(Replicas.Balancer(policy, endpoints, random), endpoints.Length, 50_000, random);

        ChiSquare.AssertFits(counts, weights.Select(static weight => (double)weight));
    }

    [Test]
    public void Pick_SomeEjectedSomeTried_GivesNeither(
        [Values(LoadBalancingPolicies.LeastRequest, LoadBalancingPolicies.PeakEwma, LoadBalancingPolicies.Random, LoadBalancingPolicies.RoundRobin)] string policy,
        [Values] bool weighted)
    {
        var random = new Random(1);
        var time = new FakeTimeProvider();
        var endpoints = weighted ? Replicas.Weighing(5, 4, 3, 2, 1) : Replicas.Create(5);
        var ledger = Replicas.LedgerOf(time, endpoints);
        ledger.Fail(endpoints[0], time, Policy);
        ledger.Fail(endpoints[1], time, Policy);
        var balancer = Replicas.Balancer(policy, endpoints, random);
        var found = 0;
        for (var i = 0; i < 1000; i++)
        {
            var index = balancer.Pick(new PickContext(endpoints.AsSpan(2, 2), random, 0, null, ignoreHealth: false));
            Assert.That(index, Is.EqualTo(-1).Or.EqualTo(4));
            found += index == 4 ? 1 : 0;
        }

        Assert.That(found, Is.GreaterThan(200), "it is found often enough not to leave the choice to the search that follows");
    }

    [Test]
    public void Pick_HealthIgnored_GivesEjectedOnesToo()
    {
        var random = new Random(1);
        var time = new FakeTimeProvider();
        var endpoints = Replicas.Create(4);
        var ledger = Replicas.LedgerOf(time, endpoints);
        ledger.Fail(endpoints[0], time, Policy);
        var balancer = Replicas.Balancer(LoadBalancingPolicies.Random, endpoints, random);

        var picked = Enumerable.Range(0, 200).Select(_ => balancer.Pick(new PickContext([], random, 0, null, ignoreHealth: true))).ToHashSet();

        Assert.That(picked, Is.EquivalentTo([0, 1, 2, 3]));
    }

    [Test]
    public void Pick_LeastRequestOfTwo_TakesTheLessLoaded()
    {
        var random = new Random(1);
        var endpoints = Replicas.Create(2);
        endpoints[0].Begin();

        Assert.That(Count(Replicas.Balancer(LoadBalancingPolicies.LeastRequest, endpoints, random), 2, 1000, random), Is.EqualTo([0, 1000]));
    }

    [Test]
    public void Pick_LeastRequestOfTwoWithWeights_ComparesLoadPerWeight()
    {
        var random = new Random(1);
        var endpoints = Replicas.Weighing(3, 1);
        Begin(endpoints[0], 4);
        Begin(endpoints[1], 2);

        Assert.That(Count(Replicas.Balancer(LoadBalancingPolicies.LeastRequest, endpoints, random), 2, 1000, random), Is.EqualTo([1000, 0]), "4/3 is less than 2/1");
    }

    [Test]
    public void Pick_LeastRequestWithOneSlowEndpoint_StarvesIt()
    {
        // Power of two choices: the busiest of n is drawn only when both draws would be it, which the second never is.
        var random = new Random(1);
        var endpoints = Replicas.Create(10);
        endpoints[3].Begin();

        Assert.That(Count(Replicas.Balancer(LoadBalancingPolicies.LeastRequest, endpoints, random), 10, 1000, random)[3], Is.Zero);
    }

    [Test]
    public void Pick_RoundRobin_GoesAround()
    {
        var random = new Random(1);
        var endpoints = Replicas.Create(4);
        var balancer = Replicas.Balancer(LoadBalancingPolicies.RoundRobin, endpoints, random);
        var first = Enumerable.Range(0, 4).Select(_ => Pick(balancer, random)).ToArray();
        var second = Enumerable.Range(0, 4).Select(_ => Pick(balancer, random)).ToArray();

        Assert.That(first, Is.Unique);
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Pick_RoundRobinMadeTwice_StartsAnywhere()
    {
        var random = new Random(1);
        var endpoints = Replicas.Create(8);

        var starts = Enumerable.Range(0, 100).Select(_ => Pick(Replicas.Balancer(LoadBalancingPolicies.RoundRobin, endpoints, random), random)).Distinct();

        Assert.That(starts.Count(), Is.GreaterThan(4));
    }

    [Test]
    public void Pick_RoundRobinWithEjectedNeighbour_DoesNotDoubleTheLoadOfOne()
    {
        var random = new Random(1);
        var time = new FakeTimeProvider();
        var endpoints = Replicas.Create(3);
        Replicas.LedgerOf(time, endpoints).Fail(endpoints[0], time, Policy);

        Assert.That(Count(Replicas.Balancer(LoadBalancingPolicies.RoundRobin, endpoints, random), 3, 900, random)[1], Is.EqualTo(450).Within(1));
    }

    [Test]
    public void Pick_RoundRobinWithWeights_SpreadsTheHeavyOneEvenly()
    {
        // 1 : 4 in blocks of ten: two and eight, give or take the one on the border. By chance the light one would have a deviation of 1.3.
        var random = new Random(1);
        var endpoints = Replicas.Weighing(1, 4);
        var balancer = Replicas.Balancer(LoadBalancingPolicies.RoundRobin, endpoints, random);
        for (var block = 0; block < 200; block++)
        {
            Assert.That(Count(balancer, 2, 10, random)[0], Is.EqualTo(2).Within(1));
        }
    }

    [Test]
    public void Pick_RoundRobinByManyThreads_KeepsTheShares()
    {
        var endpoints = Replicas.Weighing(1, 2, 3);
        var balancer = Replicas.Balancer(LoadBalancingPolicies.RoundRobin, endpoints, new Random(1));
        var counts = new int[3];
        Parallel.For(0, 60_000, _ => Interlocked.Increment(ref counts[Pick(balancer, Random.Shared)]));

        Assert.That(counts, Is.EqualTo([10_000, 20_000, 30_000]).Within(50));
    }

    internal static int[] Count(LoadBalancer balancer, int endpoints, int picks, Random random)
    {
        var counts = new int[endpoints];
        for (var i = 0; i < picks; i++)
        {
            counts[Pick(balancer, random)]++;
        }

        return counts;
    }

    internal static void Begin(Endpoint endpoint, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            endpoint.Begin();
        }
    }

    private static int Pick(LoadBalancer balancer, Random random) => balancer.Pick(new PickContext([], random, 0, null, ignoreHealth: false));
}
