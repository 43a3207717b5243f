using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway.Routing;

/// <summary>What a request asks for: the canonical path, which the server has found and authorized, and the query as it was sent.</summary>
internal readonly struct GatewayTarget
{
    private readonly string _raw;
    private readonly int _queryStart;

    public GatewayTarget(HttpContext http)
    {
        Path = http.Features.GetRequiredFeature<MeshRequest>().EscapedPath;
        _raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _queryStart = _raw.IndexOf('?', StringComparison.Ordinal);
        if (_queryStart < 0)
        {
            _queryStart = _raw.Length;
        }
    }

    /// <summary>The canonical path.</summary>
    public string Path { get; }

    /// <summary>The query with its question mark, byte for byte; empty when there is none.</summary>
    public ReadOnlySpan<char> Query => _raw.AsSpan(_queryStart);
}
