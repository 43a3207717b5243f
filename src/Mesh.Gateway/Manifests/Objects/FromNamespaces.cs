namespace Mesh.Gateway.Manifests.Objects;

/// <summary>The namespaces whose routes a listener takes.</summary>
internal enum FromNamespaces
{
    /// <summary>That of its Gateway.</summary>
    Same,

    /// <summary>All of them.</summary>
    All,
}
