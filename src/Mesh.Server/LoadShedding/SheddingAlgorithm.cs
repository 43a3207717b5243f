namespace Mesh.Server.LoadShedding;

/// <summary>How the number of requests that are served at a time is found.</summary>
public enum SheddingAlgorithm
{
    /// <summary>No limit.</summary>
    Off,

    /// <summary>A number of one's own: <see cref="LoadSheddingOptions.InitialLimit"/>.</summary>
    Fixed,

    /// <summary>One more as long as all is well, a tenth less when requests are dropped or take too long (Netflix <c>concurrency-limits</c>, <c>AIMDLimit</c>).</summary>
    Aimd,

    /// <summary>From the queue that the latency speaks of (Brakmo's TCP Vegas; Netflix <c>VegasLimit</c>).</summary>
    Vegas,

    /// <summary>From the drift of the latency against its long average (Netflix <c>Gradient2Limit</c>).</summary>
    Gradient2,

    /// <summary>From the latency against the least latency, which is measured anew every minute (Envoy's adaptive concurrency).</summary>
    Gradient,
}
