using System.Collections.Immutable;
using Mesh.Faults;
using Mesh.Routing.Auth;
using Mesh.Routing.Caching;
using Mesh.Routing.Compression;
using Mesh.Routing.Cors;
using Mesh.Routing.Sessions;

namespace Mesh.Routing;

/// <summary>A compiled rule: what happens to the requests it takes. Immutable.</summary>
public sealed class RouteRule
{
    private readonly long[] _cumulativeWeights;

    internal RouteRule(string routeName, string name, ImmutableArray<RouteBackend> backends)
    {
        RouteName = routeName;
        Name = name;
        Backends = backends;
        _cumulativeWeights = new long[backends.Length];
        var total = 0L;
        for (var i = 0; i < backends.Length; i++)
        {
            _cumulativeWeights[i] = total += backends[i].Weight;
        }
    }

    /// <summary>The name of its route.</summary>
    public string RouteName { get; }

    /// <summary>Its own name, or its position in the route.</summary>
    public string Name { get; }

    /// <summary>Changes to the request's header.</summary>
    public HeaderModifier? RequestHeaders { get; internal init; }

    /// <summary>Changes to the response's header.</summary>
    public HeaderModifier? ResponseHeaders { get; internal init; }

    /// <summary>Changes to the URL.</summary>
    public UrlRewrite? Rewrite { get; internal init; }

    /// <summary>Where its requests are sent away to, or <see langword="null"/>; then it has no backends.</summary>
    public RouteRedirect? Redirect { get; internal init; }

    /// <summary>What it answers by itself, or <see langword="null"/>; then it has no backends.</summary>
    public RouteDirectResponse? DirectResponse { get; internal init; }

    /// <summary>What is put into its requests on purpose, or <see langword="null"/>.</summary>
    public FaultPolicy? Fault { get; internal init; }

    /// <summary>Which web pages of other origins may call it; <see langword="null"/> when it leaves that to its backends.</summary>
    public RouteCors? Cors { get; internal init; }

    /// <summary>The largest body of a request in bytes; <see langword="null"/> when the server decides.</summary>
    public long? BodyLimit { get; internal init; }

    /// <summary>What it asks of callers; <see langword="null"/> when it says nothing about them.</summary>
    public RouteAuth? Auth { get; internal init; }

    /// <summary>How the requests of a caller stay with one endpoint, or <see langword="null"/>.</summary>
    public RouteSession? Session { get; internal init; }

    /// <summary>Which of its responses are compressed; <see langword="null"/> when it leaves that to its backends.</summary>
    public RouteCompression? Compression { get; internal init; }

    /// <summary>Which of its responses are kept for other callers; <see langword="null"/> for none.</summary>
    public RouteCache? Cache { get; internal init; }

    /// <summary>Who gets copies of its requests.</summary>
    public ImmutableArray<RouteMirror> Mirrors { get; internal init; } = [];

    /// <summary>What it says about repetitions, or <see langword="null"/>.</summary>
    public RouteRetry? Retry { get; internal init; }

    /// <summary>What it says about hedges, or <see langword="null"/>.</summary>
    public RouteHedging? Hedging { get; internal init; }

    /// <summary>The services that share its requests, in the order of the configuration.</summary>
    public ImmutableArray<RouteBackend> Backends { get; }

    /// <summary>
    /// The limit for the whole request: <see langword="null"/> when the rule says nothing,
    /// <see cref="Timeout.InfiniteTimeSpan"/> when it switches the limit off.
    /// </summary>
    public TimeSpan? RequestTimeout { get; internal init; }

    /// <summary>The limit for one attempt, in the same terms as <see cref="RequestTimeout"/>.</summary>
    public TimeSpan? BackendTimeout { get; internal init; }

    /// <summary>Draws a backend with a probability proportional to its weight.</summary>
    /// <returns><see langword="null"/> when there is none, or none has a weight above 0.</returns>
    public RouteBackend? PickBackend(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (Backends.Length == 0 || _cumulativeWeights[^1] == 0)
        {
            return null;
        }

        if (Backends.Length == 1)
        {
            return Backends[0];
        }

        // A draw in [0, total) belongs to the first backend whose cumulative weight exceeds it; weight 0 never does so first.
        var draw = random.NextInt64(_cumulativeWeights[^1]);
        var i = 0;
        while (_cumulativeWeights[i] <= draw)
        {
            i++;
        }

        return Backends[i];
    }
}
