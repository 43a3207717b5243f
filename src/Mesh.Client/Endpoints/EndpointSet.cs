using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Locality;
using Mesh.Client.Ejection;
using Mesh.Client.Limits;

namespace Mesh.Client.Endpoints;

/// <summary>The endpoints of a service at one moment, and how to choose among them. Immutable; the endpoints in it are not.</summary>
internal sealed class EndpointSet
{
    private readonly EjectionLedger _ledger;
    private readonly BalancingPolicy _balancing;
    private readonly EndpointLevel[] _levels;
    private readonly EndpointSubsets _subsets;
    private readonly bool _isSubset;
    private volatile LevelLoads _loads;

    public EndpointSet(Endpoint[] all, string scheme, EjectionLedger ledger, BalancingPolicy balancing)
        : this(all, scheme, ledger, balancing, isSubset: false)
    {
    }

    private EndpointSet(Endpoint[] all, string scheme, EjectionLedger ledger, BalancingPolicy balancing, bool isSubset)
    {
        All = all;
        Scheme = scheme;
        KeepsSecrets = Array.TrueForAll(all, static endpoint => endpoint.KeepsSecrets);
        _ledger = ledger;
        _balancing = balancing;
        _levels = balancing.Levels(all);
        _isSubset = isSubset;
        _subsets = new EndpointSubsets(Select);
        _loads = CountLoads();
    }

    public Endpoint[] All { get; }

    /// <summary>What the endpoints speak: <c>https</c> or <c>http</c>.</summary>
    public string Scheme { get; }

    /// <summary>Whether nobody on the way to any of them can read what is sent.</summary>
    public bool KeepsSecrets { get; }

    /// <summary>The same endpoints under another balancing policy.</summary>
    public EndpointSet With(BalancingPolicy other) => new(All, Scheme, _ledger, other, _isSubset);

    /// <summary>
    /// Those endpoints that have all of these labels (<see cref="EndpointMetadata.Label"/>), balanced on their own. Made once
    /// per set and labels; a look-up without allocation when asked again with the same object.
    /// </summary>
    public EndpointSet Subset(IReadOnlyDictionary<string, string> labels) => labels.Count == 0 ? this : _subsets.Get(labels);

    /// <summary>Picks the endpoint for an attempt.</summary>
    /// <param name="random">Injected, so that tests can repeat themselves.</param>
    /// <param name="tried">Endpoints that have failed this call already.</param>
    /// <param name="now">The moment of the pick, as a timestamp.</param>
    /// <param name="probeFrom">Ejections that ended before this timestamp may be probed with this request.</param>
    /// <param name="hash">What the request should stick to, where the policy asks for it.</param>
    /// <param name="limit">What one endpoint may have in flight, where that is limited.</param>
    public Pick Pick(Random random, ReadOnlySpan<Endpoint> tried, long now, long probeFrom, ulong? hash = null, EndpointLimit? limit = null)
    {
        if (All.Length == 0)
        {
            return default;
        }

        if (_ledger.IsProbeDue(probeFrom) && tried.IsEmpty && ClaimProbe(probeFrom) is { } probed)
        {
            return new Pick(probed, IsProbe: true);
        }

        var loads = _loads;
        if (loads.Version != _ledger.Version)
        {
            _loads = loads = CountLoads();
        }

        var level = loads.Choose(random, hash);
        var context = new PickContext(tried, random, now, hash, loads.IsPanic(level), _balancing.SlowStart, limit);
        return new Pick(_levels[level].Pick(context) ?? PickAny(context), IsProbe: false);
    }

    // The balancer of the chosen level met nothing. From here on, rather an unwelcome endpoint than none.
    private Endpoint? PickAny(in PickContext context)
    {
        var inRotation = context.With(ignoreHealth: false);
        foreach (var level in _levels)
        {
            if (Scan(level.Endpoints, inRotation) is { } endpoint)
            {
                return endpoint;
            }
        }

        if (_balancing.SubsetSize > 0 && Scan(All, inRotation) is { } outside)
        {
            return outside;
        }

        if (_balancing.PanicThreshold > 0 && Scan(All, context.With(ignoreHealth: true)) is { } untried)
        {
            return untried;
        }

        // All that would do were tried: any may have recovered.
        return Scan(All, inRotation.WithoutTried())
            ?? (_balancing.PanicThreshold > 0 ? Scan(All, context.With(ignoreHealth: true).WithoutTried()) : null);
    }

    private static Endpoint? Scan(Endpoint[] endpoints, in PickContext context)
    {
        var start = context.Random.Next(endpoints.Length);
        for (var i = 0; i < endpoints.Length; i++)
        {
            var index = start + i;
            var endpoint = endpoints[index < endpoints.Length ? index : index - endpoints.Length];
            if (context.IsUsable(endpoint))
            {
                return endpoint;
            }
        }

        return null;
    }

    private Endpoint? ClaimProbe(long probeFrom)
    {
        if (!_isSubset)
        {
            return _ledger.ClaimProbe(probeFrom);
        }

        // Calls of a subset must not queue for the lock because an endpoint of another subset awaits its probe.
        foreach (var endpoint in All)
        {
            if (endpoint.Health.IsProbeDue(probeFrom))
            {
                return _ledger.ClaimProbe(probeFrom, among: All);
            }
        }

        return null;
    }

    private LevelLoads CountLoads()
    {
        // Read before counting: a change in between is counted again by the next pick.
        var version = _ledger.Version;
        Span<(int Healthy, int Total)> counts = _levels.Length <= 16 ? stackalloc (int, int)[_levels.Length] : new (int, int)[_levels.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = _levels[i].Count();
        }

        return new LevelLoads(version, counts, _balancing.PanicThreshold);
    }

    private EndpointSet Select(IReadOnlyDictionary<string, string> labels)
    {
        var selected = Array.FindAll(All, endpoint => labels.All(label => endpoint.Metadata.Label(label.Key) == label.Value));
        return new EndpointSet(selected, Scheme, _ledger, _balancing, isSubset: true);
    }
}
