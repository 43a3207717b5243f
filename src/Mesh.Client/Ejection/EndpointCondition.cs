namespace Mesh.Client.Ejection;

/// <summary>Whether an endpoint is in rotation.</summary>
public enum EndpointCondition
{
    /// <summary>It gets its share of calls.</summary>
    Healthy,

    /// <summary>It gets none until its time is up.</summary>
    Ejected,

    /// <summary>Its time is up and one real request is finding out.</summary>
    Probing,

    /// <summary>It gets none until it passes its health checks again.</summary>
    Unhealthy,
}
