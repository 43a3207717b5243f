using System.Net;
using Mesh.Client.Ejection;
using Mesh.Client.HealthChecks;
using Mesh.Client.Transport;
using Mesh.Identity;
using Mesh.Outcomes;

namespace Mesh.Client.Endpoints;

/// <summary>
/// One replica of a service: its health, its load, its connections. Created when discovery first names it, kept through
/// every refresh and reload, disposed when it has been gone for a while and is idle.
/// </summary>
internal sealed class Endpoint : IMeshEndpoint, IDisposable
{
    private static readonly UriCreationOptions AlreadyCanonical = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private volatile EndpointMetadata _metadata = EndpointMetadata.Default;
    private volatile EndpointChecks? _checks;
    private volatile bool _carriesOneAtATime;
    private readonly Lazy<EndpointTransport> _transport;
    private PeakEwma _latency;
    private readonly EndpointAddress _address;
    private EndPoint? _endPoint;
    private string? _origin;
    private volatile Uri? _rewritten;
    private int _active;
    private long _requests;
    private long _failures;

    public Endpoint(EndpointAddress address, string scheme, Func<Endpoint, EndpointTransport> createTransport, TimeProvider time)
    {
        _latency = new PeakEwma(time.TimestampFrequency);
        _address = address;
        Address = address.ToString();
        Scheme = scheme;
        KeepsSecrets = scheme == Uri.UriSchemeHttps || address.IsLoopback;
        _transport = new Lazy<EndpointTransport>(() => createTransport(this));
    }

    /// <summary>Host and port.</summary>
    public string Address { get; }

    /// <summary>Where to dial: made when it is first needed, because most endpoints of a large service never are.</summary>
    public EndPoint EndPoint => _endPoint ??= _address.ToEndPoint();

    /// <summary>What it speaks: <c>https</c> or <c>http</c>.</summary>
    public string Scheme { get; }

    /// <summary>Whether nobody on the way can read what is sent there.</summary>
    public bool KeepsSecrets { get; }

    /// <summary>What discovery says about it. A change makes a new <see cref="EndpointSet"/>, never another endpoint.</summary>
    public EndpointMetadata Metadata
    {
        get => _metadata;
        set
        {
            var isSomebodyElse = value.Identity != _metadata.Identity;
            _metadata = value;
            if (isSomebodyElse && _transport.IsValueCreated)
            {
                _transport.Value.Review();
            }
        }
    }

    public EndpointHealth Health { get; } = new();

    /// <summary>What its health checks said so far, or <see langword="null"/> where it is not checked.</summary>
    public EndpointChecks? Checks
    {
        get => _checks;
        set => _checks = value;
    }

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Who it proved to be at the last handshake.</summary>
    public SpiffeId? Peer { get; set; }

    /// <summary>Requests in flight, from being sent until response headers.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>When it joined endpoints that were there before, as a timestamp; those that are there from the beginning never joined.</summary>
    public long JoinedAt { get; init; } = long.MinValue / 2;

    /// <summary>Since when it has been in rotation, as a timestamp: since it joined or last returned.</summary>
    public long InRotationSince => Math.Max(JoinedAt, Health.HealthySince);

    /// <summary>Whether it is in rotation: the one place that balancing asks.</summary>
    public bool IsUsable => Health.IsInRotation;

    public long Requests => Interlocked.Read(ref _requests);

    public long Failures => Interlocked.Read(ref _failures);

    public EndpointTransport Transport => _transport.Value;

    /// <summary>The same resource at this endpoint, for where the application brought its own transport.</summary>
    public Uri Rewrite(Uri uri)
    {
        var path = uri.PathAndQuery;
        var origin = _origin ??= $"{Scheme}://{Address}";
        if (_rewritten is { } last && last.OriginalString.AsSpan(origin.Length).SequenceEqual(path))
        {
            // Many clients ask for the same resource again and again.
            return last;
        }

        // Joined as text: as a relative reference, a path that begins with two slashes would name another host.
        return _rewritten = new Uri(origin + path, AlreadyCanonical);
    }

    /// <summary>The peak-sensitive average of its latency in nanoseconds; zero when nothing was measured lately.</summary>
    public double PeakLatencyNanoseconds(long now) => _latency.Read(now);

    public TimeSpan PeakLatency(long timestamp) => TimeSpan.FromTicks((long)(_latency.Read(timestamp) / TimeSpan.NanosecondsPerTick));

    /// <summary>Whether its connections carry one request at a time: the last one that was opened speaks HTTP/1.1.</summary>
    public bool CarriesOneAtATime
    {
        get => _carriesOneAtATime;
        set => _carriesOneAtATime = value;
    }

    /// <summary>Begins an attempt unless so many are under way.</summary>
    public bool TryBegin(int limit)
    {
        var active = Active;
        while (active < limit)
        {
            var found = Interlocked.CompareExchange(ref _active, active + 1, active);
            if (found == active)
            {
                Interlocked.Increment(ref _requests);
                return true;
            }

            active = found;
        }

        return false;
    }

    public void Begin()
    {
        Interlocked.Increment(ref _active);
        Interlocked.Increment(ref _requests);
    }

    public void End(CallOutcome outcome, TimeSpan elapsed, long now)
    {
        Interlocked.Decrement(ref _active);
        _latency.Observe(outcome, elapsed, now);
        if (outcome is CallOutcome.Success)
        {
            Latency.Record(elapsed);
        }
        else if (outcome is not CallOutcome.CancelledByCaller)
        {
            Interlocked.Increment(ref _failures);
        }
    }

    public void Dispose()
    {
        if (_transport.IsValueCreated)
        {
            _transport.Value.Dispose();
        }
    }
}
