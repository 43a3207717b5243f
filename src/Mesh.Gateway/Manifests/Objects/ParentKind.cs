namespace Mesh.Gateway.Manifests.Objects;

/// <summary>What a route may hang on.</summary>
internal enum ParentKind
{
    /// <summary>A Gateway. Routes of a Service, which the Gateway API has for meshes, belong to the client.</summary>
    Gateway,
}
