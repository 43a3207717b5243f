namespace Mesh.Limits;

/// <summary>What a rate limit counts by.</summary>
public enum RateLimitPartition
{
    /// <summary>Each caller: the peer's SPIFFE ID, the principal of its token, or else its address.</summary>
    Principal,

    /// <summary>Each client address.</summary>
    Ip,

    /// <summary>All requests together.</summary>
    Global,
}
