namespace Mesh.Routing;

/// <summary>Where a rule sends its requests away to. Immutable.</summary>
public sealed class RouteRedirect
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    private readonly string? _scheme;
    private readonly string? _hostname;
    private readonly int? _port;
    private readonly UrlRewrite _path;

    internal RouteRedirect(int statusCode, string? scheme, string? hostname, int? port, UrlRewrite path)
    {
        StatusCode = statusCode;
        _scheme = scheme;
        _hostname = hostname;
        _port = port;
        _path = path;
    }

    /// <summary>The status of the answer.</summary>
    public int StatusCode { get; }

    /// <summary>The <c>Location</c>: an absolute URI, unless the request named no host.</summary>
    /// <param name="scheme">The scheme of the request.</param>
    /// <param name="host">The host it asked for, with the port where it named one.</param>
    /// <param name="path">Its canonical path.</param>
    /// <param name="query">Its query with the question mark, or nothing.</param>
    /// <param name="prefixLength">How much of the path the rule's prefix covers: <see cref="RouteSelection.PrefixLength"/>.</param>
    /// <remarks>
    /// The Gateway API takes the port of its listener where the redirect names neither scheme nor port. Here it is the port
    /// the caller wrote, which is the same one, and still the right one behind a load balancer that listens on another.
    /// </remarks>
    public string Locate(string scheme, string host, string path, ReadOnlySpan<char> query, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(host);
        var (name, asked) = Split(host);
        var target = _scheme ?? scheme;
        var port = _port ?? (_scheme is null ? asked : null);
        var authority = port is null || port == WellKnownPort(target) ? _hostname ?? name.ToString() : $"{_hostname ?? name}:{port}";

        // A caller of HTTP/1.0 need not say which host it means.
        return authority.Length == 0 ? $"{_path.Apply(path, prefixLength)}{query}" : $"{target}://{authority}{_path.Apply(path, prefixLength)}{query}";
    }

    private static int WellKnownPort(string scheme) => scheme == Uri.UriSchemeHttps ? HttpsPort : HttpPort;

    private static (string Name, int? Port) Split(string host)
    {
        // The colons of an IPv6 address stand between brackets.
        var colon = host.LastIndexOf(':');
        return colon >= 0 && host.IndexOf(']', colon) < 0 && int.TryParse(host.AsSpan(colon + 1), out var port)
            ? (host[..colon], port)
            : (host, null);
    }
}
