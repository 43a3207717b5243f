namespace Mesh.Client.Calls;

/// <summary>Why the mesh refused a call without sending it, or without sending it again.</summary>
public enum RejectionReason
{
    /// <summary>Discovery names no endpoint for the service, or none is in rotation and there is no panic threshold.</summary>
    NoEndpoints,

    /// <summary>No discovery provider knows the service, and unknown services are to be rejected.</summary>
    UnknownService,

    /// <summary>The service has route rules and none matches (as with GAMMA, rules replace the default route).</summary>
    NoRoute,

    /// <summary>The rule that matches names no backend that may get traffic.</summary>
    NoBackend,

    /// <summary>Discovery failed before it could say whether it knows the service. The next call asks again.</summary>
    DiscoveryFailed,

    /// <summary>The call needs an access token and there is none to be had.</summary>
    NoAccessToken,

    /// <summary>The access token would have gone to another machine without TLS.</summary>
    PlaintextForbidden,

    /// <summary>So many calls to the service have failed lately that none is made for a while (<c>CircuitBreaker</c>).</summary>
    CircuitOpen,

    /// <summary>The service refuses so many calls that this one was held back (<c>Throttling</c>).</summary>
    Throttled,

    /// <summary>This process has as many calls of the service, or of all of its endpoints, under way as it may have (<c>Limits</c>).</summary>
    LimitReached,
}
