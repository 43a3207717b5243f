namespace Mesh.Limits;

/// <summary>What holds while the store of a shared limit does not answer.</summary>
public enum RateLimitFallback
{
    /// <summary>The limit is that of each process for itself, with the same numbers.</summary>
    Local,

    /// <summary>There is no limit.</summary>
    Open,

    /// <summary>Requests are refused with 503.</summary>
    Closed,
}
