using System.Text.Json;

namespace Mesh.State;

/// <summary>
/// A part of what the mesh can tell about itself: endpoints, ejections, budgets, certificates, the policy revision.
/// <c>MapMeshState()</c> writes every registered source into one JSON document.
/// </summary>
public interface IMeshStateSource
{
    /// <summary>The member it fills, such as <c>client</c>.</summary>
    string Name { get; }

    /// <summary>Writes one JSON value: never a key, a token or a header value.</summary>
    void Write(Utf8JsonWriter writer);
}
