namespace Mesh.Client.Endpoints;

/// <summary>One replica of a service, as a load balancer sees it.</summary>
public interface IMeshEndpoint
{
    /// <summary>Host and port.</summary>
    string Address { get; }

    /// <summary>What discovery says about it. A balancer is made anew when that changes.</summary>
    EndpointMetadata Metadata { get; }

    /// <summary>Requests in flight, from being sent until response headers.</summary>
    int Active { get; }

    /// <summary>Attempts sent to it so far.</summary>
    long Requests { get; }

    /// <summary>Attempts that did not succeed.</summary>
    long Failures { get; }

    /// <summary>
    /// The peak-sensitive average of its latency at <paramref name="timestamp"/>: up at once, down with a time constant
    /// of ten seconds; a failure counts as five seconds at least. Zero when nothing was measured lately.
    /// </summary>
    TimeSpan PeakLatency(long timestamp);
}
