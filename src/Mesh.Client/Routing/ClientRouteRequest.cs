using System.Diagnostics.CodeAnalysis;
using Mesh.Routing;

namespace Mesh.Client.Routing;

/// <summary>How the route table sees an outgoing request.</summary>
internal readonly struct ClientRouteRequest(HttpRequestMessage request) : IRouteRequest
{
    private readonly string _pathAndQuery = request.RequestUri!.PathAndQuery;

    // The rules belong to the service the host name has already chosen.
    public ReadOnlySpan<char> Host => request.RequestUri!.Host;

    public ReadOnlySpan<char> Path => QueryStart < 0 ? _pathAndQuery : _pathAndQuery.AsSpan(0, QueryStart);

    public ReadOnlySpan<char> Query => QueryStart < 0 ? default : _pathAndQuery.AsSpan(QueryStart + 1);

    public string Method => request.Method.Method;

    private int QueryStart => _pathAndQuery.IndexOf('?', StringComparison.Ordinal);

    public bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        if (request.Headers.NonValidated.TryGetValues(name, out var values)
            || (request.Content is { } content && content.Headers.NonValidated.TryGetValues(name, out values)))
        {
            value = values.ToString();
            return true;
        }

        value = null;
        return false;
    }
}
