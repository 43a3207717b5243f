using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway.Routing;

/// <summary>What a request asks for: the canonical path, and the query as it was sent.</summary>
internal readonly struct GatewayTarget
{
    private readonly string _raw;
    private readonly int _queryStart;

    /// <param name="http">A request that the server has taken in.</param>
    public GatewayTarget(HttpContext http)
        : this(http, http.Features.GetRequiredFeature<MeshRequest>().EscapedPath)
    {
    }

    private GatewayTarget(HttpContext http, string path)
    {
        Path = path;
        _raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _queryStart = _raw.IndexOf('?', StringComparison.Ordinal);
        _queryStart = _queryStart < 0 ? _raw.Length : _queryStart;
    }

    /// <summary>The canonical path, which the server has found and authorized.</summary>
    public string Path { get; }

    /// <summary>The query with its question mark, byte for byte; empty when there is none.</summary>
    public ReadOnlySpan<char> Query => _raw.AsSpan(_queryStart);

    /// <summary>Reads the target of a request that has not come to the server's policies yet.</summary>
    /// <returns>Whether they will accept it.</returns>
    public static bool TryRead(HttpContext http, out GatewayTarget target)
    {
        var accepted = RequestPath.TryRead(http, out var path, out _);
        target = accepted ? new GatewayTarget(http, path!) : default;
        return accepted;
    }
}
