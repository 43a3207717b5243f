namespace Mesh.Authorization;

/// <summary>One field of a source or operation, or one condition: what must hold of one attribute of the request.</summary>
internal abstract class AttributeMatcher(string name)
{
    /// <summary>The field or the key, for explanations.</summary>
    public string Name => name;

    public abstract bool Holds(in AuthorizationRequest request);
}
