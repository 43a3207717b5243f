using System.Diagnostics.CodeAnalysis;
using Mesh.Routing;

namespace Mesh.Benchmarks.Routing;

/// <summary>A request as a table sees it.</summary>
internal readonly struct AskedRequest(string host, string path) : IRouteRequest
{
    public ReadOnlySpan<char> Host => host;

    public ReadOnlySpan<char> Path => path;

    public ReadOnlySpan<char> Query => default;

    public string Method => "GET";

    public bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return false;
    }
}
