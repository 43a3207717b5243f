namespace Mesh.Faults;

/// <summary>The header of a request that may order faults for itself.</summary>
public interface IFaultHeaders
{
    /// <summary>The value of a field, or <see langword="null"/> where there is none.</summary>
    string? Find(string name);
}
