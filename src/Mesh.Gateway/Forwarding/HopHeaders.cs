using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Forwarding;

/// <summary>Which header fields end at the gateway.</summary>
/// <remarks>
/// Fields that <c>Connection</c> names end here as far as Kestrel shows them: beside a single <c>close</c>,
/// <c>keep-alive</c> or <c>Upgrade</c> it drops what else the field names, and those fields are passed on.
/// </remarks>
internal static class HopHeaders
{
    // RFC 9110, 7.6.1, and what older proxies took for hop-by-hop.
    private static readonly FrozenSet<string> HopByHop = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "Proxy-Authentication-Info",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings",
        "ALPN",
        "Close");

    // What services take for the word of a proxy they trust, and only this one may say; and the trace, which the HTTP
    // stack writes anew with the gateway's own span.
    private static readonly FrozenSet<string> OursToSay = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Host",
        "Forwarded",
        "Proxy", // CGI makes HTTP_PROXY of it, which many libraries obey ("httpoxy")
        "X-Real-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "Fastly-Client-IP",
        "X-ProxyUser-Ip",
        "X-Original-Forwarded-For",
        "X-Original-URL",
        "X-Original-Host",
        "X-Rewrite-URL",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "traceparent",
        "tracestate",
        "Request-Id",
        "Correlation-Context",
        "baggage");

    private static readonly string[] PrefixesOursToSay = [MeshHeaders.Prefix, "X-Forwarded-", "X-Envoy-"];

    /// <summary>Whether a field of a request is passed on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="connection">The request's <c>Connection</c> field: what it names ends here too.</param>
    public static bool PassesUpstream(string name, StringValues connection) =>

        // Behind CGI and its heirs "X_Forwarded_For" and "X-Forwarded-For" are one variable.
        !name.Contains('_', StringComparison.Ordinal)
        && name[0] != ':'
        && !HopByHop.Contains(name)
        && !OursToSay.Contains(name)
        && !StartsWithOurPrefix(name)
        && !IsNamedIn(connection, name);

    /// <summary>Whether a field of a response is passed on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="connection">The response's <c>Connection</c> field.</param>
    public static bool PassesDownstream(string name, StringValues connection) =>
        !HopByHop.Contains(name)
        && !name.Equals("Server", StringComparison.OrdinalIgnoreCase)
        && (!name.StartsWith(MeshHeaders.Prefix, StringComparison.OrdinalIgnoreCase) || name.Equals(MeshHeaders.Fault, StringComparison.OrdinalIgnoreCase))
        && !IsNamedIn(connection, name);

    private static bool StartsWithOurPrefix(string name)
    {
        foreach (var prefix in PrefixesOursToSay)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNamedIn(StringValues connection, string name)
    {
        foreach (var line in connection)
        {
            var options = line.AsSpan();
            foreach (var option in options.Split(','))
            {
                if (options[option].Trim(" \t").Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
