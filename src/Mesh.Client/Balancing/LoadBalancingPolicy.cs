namespace Mesh.Client.Balancing;

/// <summary>The built-in balancing policies.</summary>
public enum LoadBalancingPolicy
{
    /// <summary>
    /// Power of two choices on active requests (Mitzenmacher 2001; Envoy's <c>LEAST_REQUEST</c>, Finagle's P2C): of two
    /// random endpoints the one with fewer requests in flight. A slow endpoint gets fewer calls by itself.
    /// </summary>
    LeastRequest,

    /// <summary>In turn, from a random start.</summary>
    RoundRobin,

    /// <summary>Any, with equal probability.</summary>
    Random,
}
