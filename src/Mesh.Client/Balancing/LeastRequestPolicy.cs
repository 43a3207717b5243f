using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Of two endpoints the one with fewer requests in flight for its weight.</summary>
internal sealed record LeastRequestPolicy() : BuiltInPolicy(LoadBalancingPolicies.LeastRequest)
{
    public override LoadBalancer Create(Endpoint[] endpoints, Random random) => new TwoChoicesBalancer<ActiveRequests>(endpoints, default);

    internal readonly struct ActiveRequests : IEndpointLoad
    {
        public double Of(Endpoint endpoint, double share, long now) => endpoint.Active / share;
    }
}
