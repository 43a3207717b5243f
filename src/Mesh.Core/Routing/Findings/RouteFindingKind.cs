namespace Mesh.Routing.Findings;

/// <summary>What is worth knowing about a route that is valid.</summary>
public enum RouteFindingKind
{
    /// <summary>It hangs on no listener of this gateway, and so takes no request.</summary>
    NotAttached,

    /// <summary>One of its backends may not be referred to: that share of its requests is answered 500.</summary>
    UnresolvedBackend,
}
