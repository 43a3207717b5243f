namespace Mesh.Limits;

/// <summary>What a rate limit counts by.</summary>
public enum RateLimitPartition
{
    /// <summary>Each caller: the principal of its token, else the SPIFFE ID of the peer, else its address.</summary>
    Principal,

    /// <summary>Each client address.</summary>
    Ip,

    /// <summary>All requests together.</summary>
    Global,
}
