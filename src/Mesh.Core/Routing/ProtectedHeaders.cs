using System.Collections.Frozen;

namespace Mesh.Routing;

/// <summary>Fields a rule may not change: those that frame or address the message, and the mesh's own.</summary>
internal static class ProtectedHeaders
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection",
        "Content-Length",
        "Host",
        "HTTP2-Settings",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade");

    public static bool Contains(string name) =>
        Names.Contains(name) || name.StartsWith(MeshHeaders.Prefix, StringComparison.OrdinalIgnoreCase);
}
