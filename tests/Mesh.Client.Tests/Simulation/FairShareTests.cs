using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Policy;

namespace Mesh.Client.Tests.Simulation;

/// <summary>Where nothing is ill and nothing is busy, every endpoint gets the share of its weight.</summary>
public sealed class FairShareTests
{
    private const int Calls = 20_000;

    // Longer than any answer takes: no request meets another.
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);

    [Test]
    public void Call_IdleEndpoints_GetTheSharesOfTheirWeights(
        [Values(LoadBalancingPolicies.LeastRequest, LoadBalancingPolicies.RoundRobin, LoadBalancingPolicies.Random)] string policy,
        [Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var time = new VirtualTime();
        var replicas = Enumerable.Range(0, random.Next(2, 30)).Select(static number => new Replica(number, TimeSpan.FromMilliseconds(1))).ToArray();
        int[] weights = [.. replicas.Select(_ => random.Next(1, 20))];
        using var caller = new SimulatedCaller(time, random, new ServiceOptions { LoadBalancing = { Policy = policy } }, replicas.ToDictionary(static replica => replica.Address));
        caller.Name([.. replicas.Zip(weights, static (replica, weight) => new DiscoveredEndpoint(new EndpointAddress(replica.Host, 80), new EndpointMetadata { Weight = weight }))]);

        for (var i = 0; i < Calls; i++)
        {
            time.After(Gap * i, () => caller.Call(patience: null));
        }

        while (time.TryStep(Gap * (Calls + 10)))
        {
            caller.Reference.Check(everything: false);
        }

        var (statistic, limit) = ChiSquare.Test([.. replicas.Select(replica => caller.Reference.Picks.GetValueOrDefault(replica.Address))], weights);
        Assert.That(caller.Reference.Attempts, Is.GreaterThanOrEqualTo(Calls));
        Assert.That(statistic, Is.LessThan(limit), $"χ² of {replicas.Length} endpoints over {Calls} calls");
    }
}
