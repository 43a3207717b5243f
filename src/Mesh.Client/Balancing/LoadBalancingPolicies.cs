namespace Mesh.Client.Balancing;

/// <summary>The names of the built-in policies.</summary>
public static class LoadBalancingPolicies
{
    /// <summary>
    /// Power of two choices on active requests (Mitzenmacher 2001; Envoy's <c>LEAST_REQUEST</c>, Finagle's P2C): of two
    /// random endpoints the one with fewer requests in flight. A slow endpoint gets fewer calls by itself. The default.
    /// </summary>
    public const string LeastRequest = nameof(LeastRequest);

    /// <summary>
    /// Power of two choices on latency times active requests, where latency is a moving average that jumps up at once and
    /// comes down slowly (Finagle's and Linkerd's peak EWMA): avoids a slow or failing endpoint after its first bad answer.
    /// </summary>
    public const string PeakEwma = nameof(PeakEwma);

    /// <summary>In turn, from a random start; with weights, the heavier more often, evenly spread.</summary>
    public const string RoundRobin = nameof(RoundRobin);

    /// <summary>Any, with the probability of its weight.</summary>
    public const string Random = nameof(Random);

    /// <summary>Requests of a key stick to an endpoint: a ring of hashes (Ketama; gRPC's A42).</summary>
    public const string RingHash = nameof(RingHash);

    /// <summary>Requests of a key stick to an endpoint: a table of turns (Maglev). More even than a ring, moves a few more keys when endpoints change.</summary>
    public const string Maglev = nameof(Maglev);
}
