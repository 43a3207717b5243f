namespace Mesh.Client.Ejection;

/// <summary>Why an endpoint was taken out of rotation.</summary>
public enum EjectionReason
{
    /// <summary>So many calls to it failed one after the other.</summary>
    ConsecutiveFailures,

    /// <summary>So many answers one after the other blamed what stands behind it: 502, 503, 504.</summary>
    ConsecutiveGatewayFailures,

    /// <summary>So many calls one after the other got no answer: no connection, a broken one, a time-out.</summary>
    ConsecutiveLocalFailures,

    /// <summary>The share of its calls that succeed lies far below that of the others.</summary>
    SuccessRate,

    /// <summary>Most of its calls failed.</summary>
    FailurePercentage,

    /// <summary>It is far slower than the others.</summary>
    Latency,

    /// <summary>The request that was to find out whether it has recovered failed.</summary>
    FailedProbe,
}
