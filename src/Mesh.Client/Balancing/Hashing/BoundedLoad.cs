using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing.Hashing;

/// <summary>
/// Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2016; Envoy's <c>hash_balance_factor</c>): no
/// endpoint may have more requests in flight than so many percent of the average, by weight.
/// </summary>
internal sealed class BoundedLoad(Endpoint[] endpoints, int percent, long frequency)
{
    // Adding up a few is cheaper than being wrong; a thousand are added up a thousand times per second at most.
    private const int Few = 64;

    private readonly double[] _shares = EndpointWeights.Shares(endpoints);
    private readonly long _millisecond = Math.Max(1, frequency / 1000);
    private long _countedAt = long.MinValue / 2;
    private int _active;

    /// <summary>What an endpoint of mean weight may have in flight when this request is added.</summary>
    public double CapacityOf(long now)
    {
        if (endpoints.Length <= Few || now - Volatile.Read(ref _countedAt) >= _millisecond)
        {
            Volatile.Write(ref _countedAt, now);
            var active = 0;
            foreach (var endpoint in endpoints)
            {
                active += endpoint.Active;
            }

            _active = active;
        }

        return (_active + 1.0) / endpoints.Length * percent / 100;
    }

    // Rounded up, but not for the last bit of a division.
    public bool Admits(int index, double capacity) => endpoints[index].Active + 1 <= Math.Ceiling((capacity * _shares[index]) - 1e-9);
}
