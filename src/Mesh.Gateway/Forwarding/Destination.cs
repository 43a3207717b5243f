using Mesh.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Forwarding;

/// <summary>What is the same for all requests of a rule to one of its backends, made once.</summary>
internal sealed class Destination
{
    // Discovery knows which of the two a service speaks, and prefers the first.
    private const string EitherScheme = "https+http";

    // How long a body may stand still. The time until the response begins is bounded by the mesh client.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(100);
    private static readonly ForwarderRequestConfig Defaults = new() { ActivityTimeout = IdleTimeout };

    private readonly string _https;
    private readonly string _http;

    public Destination(RouteRule rule, RouteBackend backend)
    {
        Choice = new RouteChoice(rule, backend) { Scheme = EitherScheme, RelaysBodies = true };
        Origin = $"{EitherScheme}://{backend.Service}";
        _https = $"{Uri.UriSchemeHttps}://{backend.Service}";
        _http = $"{Uri.UriSchemeHttp}://{backend.Service}";

        // The forwarder counts waiting for the response as standing still: a rule that allows longer must not be cut short.
        Config = rule.RequestTimeout is { } timeout && (timeout == Timeout.InfiniteTimeSpan || timeout > IdleTimeout)
            ? new ForwarderRequestConfig { ActivityTimeout = timeout }
            : Defaults;
    }

    public RouteChoice Choice { get; }

    /// <summary>Scheme and host before anybody has asked where the service is.</summary>
    public string Origin { get; }

    public ForwarderRequestConfig Config { get; }

    /// <summary>Scheme and host for a service that is known to speak <paramref name="scheme"/>.</summary>
    public string OriginOf(string? scheme) => scheme switch
    {
        "https" => _https,
        "http" => _http,
        _ => Origin,
    };
}
