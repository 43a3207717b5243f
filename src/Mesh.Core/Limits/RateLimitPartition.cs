namespace Mesh.Limits;

/// <summary>What a rate limit counts by.</summary>
public enum RateLimitPartition
{
    /// <summary>Each caller: the principal of its token or API key, else the SPIFFE ID of the peer, else its address.</summary>
    Principal,

    /// <summary>Each client address; of IPv6 its /64, which is what one subscriber has.</summary>
    Ip,

    /// <summary>All requests together.</summary>
    Global,

    /// <summary>Each calling service by its SPIFFE ID; those without a certificate together.</summary>
    Peer,

    /// <summary>Each consumer of an API key; those without one together.</summary>
    Consumer,

    /// <summary>Each value of the header field <see cref="RateLimitOptions.Header"/>; requests without it together.</summary>
    Header,

    /// <summary>Each value of the claim <see cref="RateLimitOptions.Claim"/>; requests without it together.</summary>
    Claim,

    /// <summary>Each of <see cref="RateLimitOptions.Paths"/>: everything that one of them takes, together.</summary>
    Route,
}
