using Mesh.Client.Balancing;
using Mesh.Client.Ejection;

namespace Mesh.Client.Endpoints;

/// <summary>The endpoints of a service at one moment, and how to choose among them. Immutable; the endpoints in it are not.</summary>
internal sealed class EndpointSet(Endpoint[] all, string scheme, EjectionLedger ledger, BalancingPolicy balancing)
{
    private readonly LoadBalancer? _balancer = all.Length > 1 ? balancing.Policy.Create(all, balancing.Random) : null;

    public Endpoint[] All => all;

    /// <summary>What the endpoints speak: <c>https</c> or <c>http</c>.</summary>
    public string Scheme => scheme;

    /// <summary>The same endpoints under another balancing policy.</summary>
    public EndpointSet With(BalancingPolicy other) => new(all, scheme, ledger, other);

    /// <summary>Picks the endpoint for an attempt.</summary>
    /// <param name="random">Injected, so that tests can repeat themselves.</param>
    /// <param name="tried">Endpoints that have failed this call already.</param>
    /// <param name="now">The moment of the pick, as a timestamp.</param>
    /// <param name="probeFrom">Ejections that ended before this timestamp may be probed with this request.</param>
    /// <param name="hash">What the request should stick to, where the policy asks for it.</param>
    public Pick Pick(Random random, ReadOnlySpan<Endpoint> tried, long now, long probeFrom, ulong? hash = null)
    {
        if (all.Length == 0)
        {
            return default;
        }

        if (ledger.IsProbeDue(probeFrom) && tried.IsEmpty && ledger.ClaimProbe(probeFrom) is { } probed)
        {
            return new Pick(probed, IsProbe: true);
        }

        if (_balancer is null)
        {
            // Nothing to choose, and nothing better than an endpoint that may be ill.
            return new Pick(all[0], IsProbe: false);
        }

        var context = new PickContext(tried, random, now, hash, ignoreHealth: false);
        var index = _balancer.Pick(context);
        var endpoint = (uint)index < (uint)all.Length
            ? all[index]
            : Scan(context)
                ?? Scan(new PickContext(tried, random, now, hash, ignoreHealth: true)) // panic: rather an ejected endpoint than none
                ?? all[random.Next(all.Length)];                                       // every one was tried: any may have recovered
        return new Pick(endpoint, IsProbe: false);
    }

    private Endpoint? Scan(in PickContext context)
    {
        var start = context.Random.Next(all.Length);
        for (var i = 0; i < all.Length; i++)
        {
            var index = start + i;
            var endpoint = all[index < all.Length ? index : index - all.Length];
            if (context.IsUsable(endpoint))
            {
                return endpoint;
            }
        }

        return null;
    }
}
