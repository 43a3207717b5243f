namespace Mesh;

/// <summary>Names of the header fields the mesh writes and reads. They mean nothing unless an authenticated peer sent them.</summary>
public static class MeshHeaders
{
    /// <summary>What every field of the mesh's own begins with; an edge strips them all.</summary>
    public const string Prefix = "mesh-";

    /// <summary>Time that remains for this call, in the syntax of <see cref="DeadlineHeader"/>.</summary>
    public const string Timeout = "mesh-timeout";

    /// <summary>Which attempt this is; sent from the second on.</summary>
    public const string Attempt = "mesh-attempt";

    /// <summary>
    /// Says of a response that the service behind it has failed, repetitions included: whoever called does not repeat it
    /// once more.
    /// </summary>
    public const string Retried = "mesh-retried";

    /// <summary>How much the request matters, in the words of <see cref="CriticalityHeader"/>; not sent for <see cref="Mesh.Criticality.Critical"/>.</summary>
    public const string Criticality = "mesh-criticality";

    /// <summary>gRPC's own time-out field, read beside <see cref="Timeout"/>.</summary>
    public const string GrpcTimeout = "grpc-timeout";

    /// <summary>Envoy's field for the same, in milliseconds.</summary>
    public const string EnvoyExpectedTimeout = "x-envoy-expected-rq-timeout-ms";

    /// <summary>Makes any request idempotent by promise of its sender (draft-ietf-httpapi-idempotency-key-header).</summary>
    public const string IdempotencyKey = "Idempotency-Key";
}
