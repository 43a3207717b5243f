using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// A policy of the mesh itself: sees the endpoints as they are. A record, so that a reload with equal settings is equal
/// and the balancers in use, with their state, stay.
/// </summary>
internal abstract record BuiltInPolicy(string Name) : ILoadBalancingPolicy
{
    public virtual bool UsesHash => false;

    public abstract LoadBalancer Create(Endpoint[] endpoints, Random random);

    // The mesh hands out its own array under this type.
    LoadBalancer ILoadBalancingPolicy.Create(IReadOnlyList<IMeshEndpoint> endpoints, Random random) => Create((Endpoint[])endpoints, random);
}
