namespace Mesh.Client.Hosting;

/// <summary>Which named clients belong to the mesh. Filled while services are registered, read when handlers are built.</summary>
internal sealed class MeshClientRegistry
{
    private readonly HashSet<string> _included = new(StringComparer.Ordinal);
    private readonly HashSet<string> _excluded = new(StringComparer.Ordinal);

    /// <summary>Whether every client belongs, but for those excluded.</summary>
    public bool IncludeAll { get; set; }

    public void Include(string name)
    {
        _excluded.Remove(name);
        _included.Add(name);
    }

    public void Exclude(string name)
    {
        _included.Remove(name);
        _excluded.Add(name);
    }

    public bool Contains(string name) => _included.Contains(name) || (IncludeAll && !_excluded.Contains(name));
}
