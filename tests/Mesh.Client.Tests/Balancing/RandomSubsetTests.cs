using Mesh.Client.Balancing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

public sealed class RandomSubsetTests
{
    [Test]
    public void Of_SameSeed_IsTheSameWhateverTheOrder()
    {
        var endpoints = Replicas.Create(100);
        var subset = RandomSubset.Of(endpoints, 10, 42);

        Assert.That(subset, Has.Length.EqualTo(10).And.Unique);
        Assert.That(RandomSubset.Of([.. endpoints.Reverse()], 10, 42), Is.EquivalentTo(subset));
    }

    [Test]
    public void Of_ManyProcesses_UseEveryEndpointAlike()
    {
        var endpoints = Replicas.Create(50);
        var random = new Random(1);
        var counts = endpoints.ToDictionary(static endpoint => endpoint, static _ => 0);
        for (var process = 0; process < 2000; process++)
        {
            foreach (var endpoint in RandomSubset.Of(endpoints, 10, random.NextInt64()))
            {
                counts[endpoint]++;
            }
        }

        ChiSquare.AssertFits([.. counts.Values], endpoints.Select(static _ => 1.0));
    }

    [Test]
    public void Of_OneEndpointLeavesOrJoins_ChangesAtMostOne()
    {
        var endpoints = Replicas.Create(60);
        for (var seed = 0; seed < 100; seed++)
        {
            var before = RandomSubset.Of(endpoints[..59], 10, seed);
            Assert.That(before.Except(RandomSubset.Of(endpoints, 10, seed)).Count(), Is.LessThanOrEqualTo(1));
            Assert.That(before.Except(RandomSubset.Of(endpoints[1..59], 10, seed)).Count(), Is.LessThanOrEqualTo(1));
        }
    }

    [Test]
    public void Pick_SubsetOfTheProcessIsOut_UsesTheOthers()
    {
        var time = new FakeTimeProvider();
        var endpoints = Replicas.Create(20);
        var ledger = Replicas.LedgerOf(time, endpoints);
        var set = new EndpointSet(endpoints, "https", ledger, Replicas.Balancing(new LoadBalancingOptions { SubsetSize = 3, PanicThreshold = 0 }, new Random(1)));
        var used = Picked(set);
        Assert.That(used, Has.Count.EqualTo(3));

        var policy = new EjectionPolicy(1, TimeSpan.FromHours(1), TimeSpan.FromHours(1), 100);
        foreach (var endpoint in used)
        {
            ledger.Fail(endpoint!, time, policy);
        }

        Assert.That(Picked(set), Is.EquivalentTo(endpoints.Except(used)));
    }

    private static HashSet<Endpoint?> Picked(EndpointSet set) => [.. Enumerable.Range(0, 2000).Select(_ => set.Pick(Random.Shared, [], 0, 0).Endpoint)];
}
