using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Draws an endpoint that is in rotation and has not been tried by this call.</summary>
internal abstract class LoadBalancer
{
    public static LoadBalancer Create(LoadBalancingPolicy policy, Random random) => policy switch
    {
        LoadBalancingPolicy.RoundRobin => new RoundRobinBalancer(random),
        LoadBalancingPolicy.Random => new RandomBalancer(),
        _ => new LeastRequestBalancer(),
    };

    /// <summary>One draw, or <see langword="null"/> when it met nothing usable; the caller then looks at every endpoint.</summary>
    /// <param name="all">At least two endpoints.</param>
    /// <param name="tried">Endpoints that have failed this call already.</param>
    /// <param name="random">The source of chance.</param>
    public abstract Endpoint? Draw(Endpoint[] all, ReadOnlySpan<Endpoint> tried, Random random);

    protected static bool IsUsable(Endpoint endpoint, ReadOnlySpan<Endpoint> tried) =>
        endpoint.Health.IsHealthy && (tried.IsEmpty || !tried.Contains(endpoint));
}
