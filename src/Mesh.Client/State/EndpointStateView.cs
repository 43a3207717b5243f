using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;

namespace Mesh.Client.State;

/// <summary>An endpoint as the client sees it.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Metadata">What discovery says about it.</param>
/// <param name="Condition">Whether it is in rotation.</param>
/// <param name="EjectedFor">What is left of its ejection, or <see langword="null"/>.</param>
/// <param name="Peer">The SPIFFE ID it proved at the last handshake, or <see langword="null"/>.</param>
/// <param name="Active">Requests in flight.</param>
/// <param name="Requests">Attempts sent to it so far.</param>
/// <param name="Failures">Attempts that did not succeed.</param>
/// <param name="PeakLatency">The load figure of peak EWMA: an average of latency that jumps up at once and comes down slowly, a failure counting as five seconds.</param>
/// <param name="MedianLatency">The median of its recent successes, until response headers.</param>
/// <param name="TailLatency">Their 99th percentile.</param>
public sealed record EndpointStateView(
    string Address,
    EndpointMetadata Metadata,
    EndpointCondition Condition,
    TimeSpan? EjectedFor,
    string? Peer,
    int Active,
    long Requests,
    long Failures,
    TimeSpan PeakLatency,
    TimeSpan MedianLatency,
    TimeSpan TailLatency)
{
    /// <summary>Why it is out, or <see langword="null"/> when it is not ejected.</summary>
    public EjectionReason? Reason { get; init; }

    /// <summary>What it said when it was last asked how it is, or <see langword="null"/> where it is not checked.</summary>
    public HealthCheckStateView? HealthCheck { get; init; }
}
