using Mesh.Faults;

namespace Mesh.Server.Faults;

/// <summary>A compiled <see cref="ServerFaultOptions"/>.</summary>
internal sealed class ServerFault(IReadOnlyList<string> paths, IReadOnlyList<string> methods, FaultPolicy policy)
{
    public FaultPolicy Policy { get; } = policy;

    public bool Takes(string method, string path) =>
        (methods.Count == 0 || methods.Contains(method, StringComparer.OrdinalIgnoreCase)) && (paths.Count == 0 || TakesPath(path));

    private bool TakesPath(string path)
    {
        foreach (var allowed in paths)
        {
            if (allowed.EndsWith('*')
                ? path.AsSpan().StartsWith(allowed.AsSpan(0, allowed.Length - 1), StringComparison.OrdinalIgnoreCase)
                : path.Equals(allowed, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
