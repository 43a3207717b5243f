namespace Mesh.Client.Ejection;

/// <summary>How the condition of an endpoint has just changed.</summary>
internal enum HealthChange
{
    None,
    Ejected,
    Restored,
}
