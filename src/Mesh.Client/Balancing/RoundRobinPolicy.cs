using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Endpoints in turn; with weights, the heavier more often.</summary>
internal sealed record RoundRobinPolicy() : BuiltInPolicy(LoadBalancingPolicies.RoundRobin)
{
    public override LoadBalancer Create(Endpoint[] endpoints, Random random) => EndpointWeights.AreEqual(endpoints)
        ? new RoundRobinBalancer(endpoints, random)
        : new StaticStrideBalancer(endpoints, random);
}
