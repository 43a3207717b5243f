using System.Diagnostics.CodeAnalysis;
using Mesh.Routing;

namespace Mesh.Core.Tests.Routing;

/// <summary>A request written down in a test.</summary>
internal readonly struct TestRequest(string host, string path, string query = "", string method = "GET", params (string Name, string Value)[] headers)
    : IRouteRequest
{
    public ReadOnlySpan<char> Host => host;

    public ReadOnlySpan<char> Path => path;

    public ReadOnlySpan<char> Query => query;

    public string Method => method;

    public bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        foreach (var header in headers)
        {
            if (string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                value = header.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    public override string ToString() =>
        $"{method} {host} {path}?{query} [{string.Join(", ", headers.Select(static header => $"{header.Name}={header.Value}"))}]";
}
