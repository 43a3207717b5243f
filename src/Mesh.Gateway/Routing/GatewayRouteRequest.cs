using System.Diagnostics.CodeAnalysis;
using Mesh.Routing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Routing;

/// <summary>How the route table sees an incoming request.</summary>
internal readonly struct GatewayRouteRequest(HttpRequest request, in GatewayTarget target, string? method = null) : IRouteRequest
{
    private readonly string _host = request.Host.Value ?? "";
    private readonly GatewayTarget _target = target;

    public ReadOnlySpan<char> Host => _host;

    public ReadOnlySpan<char> Path => _target.Path;

    public ReadOnlySpan<char> Query => _target.Query is { IsEmpty: false } query ? query[1..] : default;

    public string Method => method ?? request.Method;

    public bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;
        return value is not null;
    }
}
