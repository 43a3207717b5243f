using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing.Hashing;

/// <summary>
/// Ketama's ring as gRPC's A42 and Envoy have it: each endpoint stands on the ring at as many places as its weight is
/// worth, named <c>{address}_{i}</c>, and a request belongs to the first place at or after its hash.
/// </summary>
internal sealed record RingHashPolicy(int MinRingSize, int MaxRingSize, int BoundPercent, long Frequency) : BuiltInPolicy(LoadBalancingPolicies.RingHash)
{
    public override bool UsesHash => true;

    public override LoadBalancer Create(Endpoint[] endpoints, Random random)
    {
        var owners = Place(endpoints, out var hashes);
        return new Balancer(endpoints, owners, hashes, BoundPercent == 0 ? null : new BoundedLoad(endpoints, BoundPercent, Frequency));
    }

    internal int[] Place(Endpoint[] endpoints, out ulong[] hashes)
    {
        var total = endpoints.Sum(static endpoint => (double)endpoint.Metadata.Weight);
        var least = endpoints.Min(static endpoint => endpoint.Metadata.Weight) / total;
        var scale = Math.Min(Math.Ceiling(least * MinRingSize) / least, Math.Max(MaxRingSize, endpoints.Length));
        List<(ulong Hash, int Owner)> places = new((int)scale + 1);

        // Fractions are carried over, so that the places of all endpoints add up to the scale.
        double target = 0;
        foreach (var (index, endpoint) in endpoints.Index().OrderBy(static item => item.Item.Address, StringComparer.Ordinal))
        {
            target += scale * endpoint.Metadata.Weight / total;
            for (var i = 0; places.Count < target - 1e-9; i++)
            {
                places.Add((StableHash.Of($"{endpoint.Address}_{i}"), index));
            }
        }

        hashes = [.. places.Select(static place => place.Hash)];
        int[] owners = [.. places.Select(static place => place.Owner)];
        Array.Sort(hashes, owners);
        return owners;
    }

    private sealed class Balancer(Endpoint[] endpoints, int[] owners, ulong[] hashes, BoundedLoad? bound) : ConsistentHashBalancer(endpoints, owners, bound)
    {
        protected override int PlaceOf(ulong hash)
        {
            var index = Array.BinarySearch(hashes, hash);
            index = index < 0 ? ~index : index;
            return index < hashes.Length ? index : 0;
        }
    }
}
