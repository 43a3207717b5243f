using Mesh.Client.Balancing;
using Mesh.Client.Ejection;

namespace Mesh.Client.Endpoints;

/// <summary>The endpoints of a service at one moment. Immutable; the endpoints in it are not.</summary>
internal sealed class EndpointSet(Endpoint[] all, string scheme, EjectionLedger ledger)
{
    public Endpoint[] All => all;

    /// <summary>What the endpoints speak: <c>https</c> or <c>http</c>.</summary>
    public string Scheme => scheme;

    /// <summary>Picks the endpoint for an attempt.</summary>
    /// <param name="balancer">Draws among endpoints that are in rotation.</param>
    /// <param name="random">Injected, so that tests can repeat themselves.</param>
    /// <param name="tried">Endpoints that have failed this call already.</param>
    /// <param name="probeFrom">Ejections that ended before this timestamp may be probed with this request.</param>
    public Pick Pick(LoadBalancer balancer, Random random, ReadOnlySpan<Endpoint> tried, long probeFrom)
    {
        if (all.Length == 0)
        {
            return default;
        }

        if (ledger.IsProbeDue(probeFrom) && tried.IsEmpty && ledger.ClaimProbe(probeFrom) is { } probed)
        {
            return new Pick(probed, IsProbe: true);
        }

        if (all.Length == 1)
        {
            // Nothing to choose, and nothing better than an endpoint that may be ill.
            return new Pick(all[0], IsProbe: false);
        }

        var endpoint = balancer.Draw(all, tried, random)
            ?? Scan(tried, random, healthyOnly: true)
            ?? Scan(tried, random, healthyOnly: false) // panic: rather an ejected endpoint than none
            ?? all[random.Next(all.Length)];           // every one was tried: any may have recovered
        return new Pick(endpoint, IsProbe: false);
    }

    private Endpoint? Scan(ReadOnlySpan<Endpoint> tried, Random random, bool healthyOnly)
    {
        var start = random.Next(all.Length);
        for (var i = 0; i < all.Length; i++)
        {
            var index = start + i;
            var endpoint = all[index < all.Length ? index : index - all.Length];
            if ((!healthyOnly || endpoint.Health.IsHealthy) && !tried.Contains(endpoint))
            {
                return endpoint;
            }
        }

        return null;
    }
}
