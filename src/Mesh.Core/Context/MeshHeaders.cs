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

    /// <summary>Marks a copy of a request, whose answer nobody reads: <c>1</c>.</summary>
    public const string Mirrored = "mesh-mirrored";

    /// <summary>How much the request matters, in the words of <see cref="CriticalityHeader"/>; not sent for <see cref="Mesh.Criticality.Critical"/>.</summary>
    public const string Criticality = "mesh-criticality";

    /// <summary>Says of a response that something was put into it on purpose: <c>delay</c>, <c>abort</c>, <c>bandwidth</c>.</summary>
    public const string Fault = "mesh-fault";

    /// <summary>Orders a delay for the request it stands in, such as <c>250ms</c>, where that is allowed.</summary>
    public const string FaultDelay = "mesh-fault-delay";

    /// <summary>How likely the ordered delay is, 0 to 100.</summary>
    public const string FaultDelayPercent = "mesh-fault-delay-percent";

    /// <summary>Orders a failure, where that is allowed: <c>503</c>, <c>grpc:UNAVAILABLE</c> or <c>connection</c>.</summary>
    public const string FaultAbort = "mesh-fault-abort";

    /// <summary>How likely the ordered failure is, 0 to 100.</summary>
    public const string FaultAbortPercent = "mesh-fault-abort-percent";

    /// <summary>Orders a slow response body, in bytes a second, where that is allowed.</summary>
    public const string FaultBandwidth = "mesh-fault-bandwidth";

    /// <summary>How likely the slow body is, 0 to 100.</summary>
    public const string FaultBandwidthPercent = "mesh-fault-bandwidth-percent";

    /// <summary>gRPC's own time-out field, read beside <see cref="Timeout"/>.</summary>
    public const string GrpcTimeout = "grpc-timeout";

    /// <summary>Envoy's field for the same, in milliseconds.</summary>
    public const string EnvoyExpectedTimeout = "x-envoy-expected-rq-timeout-ms";

    /// <summary>Makes any request idempotent by promise of its sender (draft-ietf-httpapi-idempotency-key-header).</summary>
    public const string IdempotencyKey = "Idempotency-Key";
}
