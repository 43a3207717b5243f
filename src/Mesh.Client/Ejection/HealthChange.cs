namespace Mesh.Client.Ejection;

internal enum HealthChange
{
    None,
    Ejected,
    Restored,
}
