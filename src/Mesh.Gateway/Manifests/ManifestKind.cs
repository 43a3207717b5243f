namespace Mesh.Gateway.Manifests;

/// <summary>The kinds of objects that are read.</summary>
internal enum ManifestKind
{
    /// <summary>Listeners.</summary>
    Gateway,

    /// <summary>Routes for HTTP.</summary>
    HTTPRoute,

    /// <summary>Routes for gRPC.</summary>
    GRPCRoute,

    /// <summary>Permission to refer to services of another namespace.</summary>
    ReferenceGrant,
}
