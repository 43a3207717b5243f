namespace Mesh.Client.CircuitBreaking;

/// <summary>What a circuit breaker lets through.</summary>
public enum CircuitState
{
    /// <summary>Everything.</summary>
    Closed,

    /// <summary>Nothing, until its time is up.</summary>
    Open,

    /// <summary>So many attempts as are to find out whether the service has recovered.</summary>
    HalfOpen,
}
