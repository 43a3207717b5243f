namespace Mesh.Routing.Findings;

/// <summary>What is worth knowing about a route that is valid.</summary>
public enum RouteFindingKind
{
    /// <summary>It hangs on no listener of this gateway, and so takes no request.</summary>
    NotAttached,

    /// <summary>One of its backends may not be referred to: that share of its requests is answered 500.</summary>
    UnresolvedBackend,

    /// <summary>Another match of the same route says the same and comes before it.</summary>
    Shadowed,

    /// <summary>A match of another route says the same: only the names of the routes decide which takes the requests.</summary>
    Ambiguous,

    /// <summary>No request can reach it: its host belongs to no listener, or a pattern before it takes every path.</summary>
    Unreachable,

    /// <summary>It asks nothing of callers, while others do.</summary>
    Unauthenticated,

    /// <summary>It says itself that it asks nothing of callers, while the gateway does by default.</summary>
    Anonymous,
}
