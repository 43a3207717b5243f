using Mesh.Client.Balancing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

public sealed class LoadBalancerTests
{
    private static readonly EjectionPolicy Policy = new(1, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 100);

    // 99.9 % quantile of χ² with nine degrees of freedom: a fair balancer fails once in a thousand seeds, and the seed is fixed.
    private const double ChiSquareLimit = 27.88;

    [TestCase(LoadBalancingPolicy.LeastRequest)]
    [TestCase(LoadBalancingPolicy.Random)]
    [TestCase(LoadBalancingPolicy.RoundRobin)]
    public void Draw_IdleEndpoints_IsFair(LoadBalancingPolicy policy)
    {
        const int Draws = 20_000;
        var random = new Random(20260501);
        var endpoints = Replicas.Create(10);
        var balancer = LoadBalancer.Create(policy, random);
        var counts = new Dictionary<Endpoint, int>();
        for (var i = 0; i < Draws; i++)
        {
            var endpoint = balancer.Draw(endpoints, [], random)!;
            counts[endpoint] = counts.GetValueOrDefault(endpoint) + 1;
        }

        var expected = Draws / 10.0;
        Assert.That(counts.Values.Sum(count => Math.Pow(count - expected, 2) / expected), Is.LessThan(ChiSquareLimit));
    }

    [TestCase(LoadBalancingPolicy.LeastRequest)]
    [TestCase(LoadBalancingPolicy.Random)]
    [TestCase(LoadBalancingPolicy.RoundRobin)]
    public void Draw_SomeEjectedSomeTried_GivesNeither(LoadBalancingPolicy policy)
    {
        var random = new Random(1);
        var time = new FakeTimeProvider();
        var endpoints = Replicas.Create(5);
        var ledger = Replicas.LedgerOf(time, endpoints);
        ledger.Fail(endpoints[0], time, Policy);
        ledger.Fail(endpoints[1], time, Policy);
        var balancer = LoadBalancer.Create(policy, random);
        for (var i = 0; i < 1000; i++)
        {
            Assert.That(balancer.Draw(endpoints, endpoints.AsSpan(2, 2), random), Is.Null.Or.SameAs(endpoints[4]));
        }
    }

    [Test]
    public void Draw_LeastRequestOfTwo_TakesTheLessLoaded()
    {
        var random = new Random(1);
        var endpoints = Replicas.Create(2);
        endpoints[0].Begin();
        var balancer = LoadBalancer.Create(LoadBalancingPolicy.LeastRequest, random);
        for (var i = 0; i < 1000; i++)
        {
            Assert.That(balancer.Draw(endpoints, [], random), Is.SameAs(endpoints[1]));
        }
    }

    [Test]
    public void Draw_LeastRequestWithOneSlowEndpoint_StarvesIt()
    {
        // Power of two choices: the busiest of n is drawn only when both draws would be it, which the second never is.
        var random = new Random(1);
        var endpoints = Replicas.Create(10);
        endpoints[3].Begin();
        var balancer = LoadBalancer.Create(LoadBalancingPolicy.LeastRequest, random);
        for (var i = 0; i < 1000; i++)
        {
            Assert.That(balancer.Draw(endpoints, [], random), Is.Not.SameAs(endpoints[3]));
        }
    }

    [Test]
    public void Draw_RoundRobin_GoesAround()
    {
        var random = new Random(1);
        var endpoints = Replicas.Create(4);
        var balancer = LoadBalancer.Create(LoadBalancingPolicy.RoundRobin, random);
        var first = Enumerable.Range(0, 4).Select(_ => balancer.Draw(endpoints, [], random)).ToArray();
        var second = Enumerable.Range(0, 4).Select(_ => balancer.Draw(endpoints, [], random)).ToArray();

        Assert.That(first, Is.Unique);
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Draw_RoundRobinWithEjectedNeighbour_DoesNotDoubleTheLoadOfOne()
    {
        var random = new Random(1);
        var time = new FakeTimeProvider();
        var endpoints = Replicas.Create(3);
        Replicas.LedgerOf(time, endpoints).Fail(endpoints[0], time, Policy);
        var balancer = LoadBalancer.Create(LoadBalancingPolicy.RoundRobin, random);

        var draws = Enumerable.Range(0, 900).Select(_ => balancer.Draw(endpoints, [], random)!).ToLookup(static endpoint => endpoint.Address);

        Assert.That(draws[endpoints[1].Address].Count(), Is.EqualTo(450).Within(1));
    }
}
