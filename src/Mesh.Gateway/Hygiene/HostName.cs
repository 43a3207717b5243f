using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway.Hygiene;

/// <summary>Whether a request says without a doubt for which host it is.</summary>
internal static class HostName
{
    private static readonly SearchValues<char> Part = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+;=");
    private static readonly SearchValues<char> Address = SearchValues.Create("0123456789ABCDEFabcdef:.");

    public static bool IsSound(HttpRequest request)
    {
        var host = request.Host.Value.AsSpan();
        if (host.IsEmpty)
        {
            // Only HTTP/1.0 knew requests to nobody in particular.
            return HttpProtocol.IsHttp10(request.Protocol) && request.Headers.Host.Count == 0;
        }

        return IsHostAndPort(host) && !HasUser(request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget);
    }

    private static bool IsHostAndPort(ReadOnlySpan<char> host)
    {
        var bracket = host[0] == '[' ? host.IndexOf(']') : -1;
        if (host[0] == '[')
        {
            return bracket > 1
                && !host[1..bracket].ContainsAnyExcept(Address)
                && IsPort(host[(bracket + 1)..]);
        }

        var colon = host.IndexOf(':');
        var name = colon < 0 ? host : host[..colon];
        return !name.IsEmpty && !name.ContainsAnyExcept(Part) && IsPort(colon < 0 ? default : host[colon..]);
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0);

    // RFC 9110, 4.2.4: whoever reads "http://shop.example@evil.example/" sees the wrong host.
    private static bool HasUser(string? target)
    {
        if (target is null || target.StartsWith('/'))
        {
            return false;
        }

        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        var authority = scheme < 0 ? default : target.AsSpan(scheme + "://".Length);
        var end = authority.IndexOfAny('/', '\\', '?');
        return (end < 0 ? authority : authority[..end]).Contains('@');
    }
}
