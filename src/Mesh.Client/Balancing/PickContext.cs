using Mesh.Client.Balancing.SlowStart;
using Mesh.Client.Endpoints;
using Mesh.Client.Limits;

namespace Mesh.Client.Balancing;

/// <summary>What a balancer may know about the attempt it picks an endpoint for.</summary>
public readonly ref struct PickContext
{
    private readonly ReadOnlySpan<Endpoint> _tried;

    private readonly SlowStartPolicy? _slowStart;
    private readonly EndpointLimit? _limit;

    internal PickContext(ReadOnlySpan<Endpoint> tried, Random random, long timestamp, ulong? hash, bool ignoreHealth, SlowStartPolicy? slowStart = null, EndpointLimit? limit = null)
    {
        _tried = tried;
        _slowStart = slowStart;
        _limit = limit;
        Random = random;
        Timestamp = timestamp;
        Hash = hash;
        IgnoreHealth = ignoreHealth;
    }

    /// <summary>The source of chance.</summary>
    public Random Random { get; }

    /// <summary>The moment of the pick, as a timestamp of the application's <see cref="TimeProvider"/>.</summary>
    public long Timestamp { get; }

    /// <summary>The hash of what the request should stick to, or <see langword="null"/> when it carries none.</summary>
    public ulong? Hash { get; }

    /// <summary>Panic: so many endpoints are out of rotation that health is not asked any more.</summary>
    internal bool IgnoreHealth { get; }

    /// <summary>
    /// Whether the endpoint is in rotation, below its limits, and has not failed this call already. In slow start that is a matter of chance:
    /// ask once per endpoint and pick.
    /// </summary>
    /// <exception cref="ArgumentException">The endpoint is not one of those the balancer was made for.</exception>
    public bool IsUsable(IMeshEndpoint endpoint) => endpoint is Endpoint known
        ? IsUsable(known)
        : throw new ArgumentException("Ask about the endpoints the balancer was made for.", nameof(endpoint));

    internal bool IsUsable(Endpoint endpoint) =>
        (IgnoreHealth || endpoint.IsUsable)
        && (_limit is null || _limit.Admits(endpoint))
        && (_tried.IsEmpty || !_tried.Contains(endpoint))
        && (_slowStart is null || _slowStart.Admits(endpoint, Timestamp, Random));

    /// <summary>The same pick as a last resort: slow start does not count any more.</summary>
    internal PickContext With(bool ignoreHealth) => new(_tried, Random, Timestamp, Hash, ignoreHealth, limit: _limit);

    internal PickContext WithoutTried() => new([], Random, Timestamp, Hash, IgnoreHealth, limit: _limit);
}
