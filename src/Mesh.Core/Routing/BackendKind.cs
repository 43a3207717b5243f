namespace Mesh.Routing;

/// <summary>What a backend reference points at.</summary>
public enum BackendKind
{
    /// <summary>A service, found by its name through service discovery.</summary>
    Service,
}
