using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing.Hashing;

/// <summary>
/// Maglev (Eisenbud and others, "Maglev: A Fast and Reliable Software Network Load Balancer", 2016, 3.4), with weights as
/// in Envoy: endpoints in turns take the next free place of their own permutation of the table.
/// </summary>
internal sealed record MaglevPolicy(int BoundPercent, long Frequency) : BuiltInPolicy(LoadBalancingPolicies.Maglev)
{
    // The two primes of the paper. With ten places for each endpoint, none has more than a tenth above its share.
    private const int SmallTable = 65_537;
    private const int LargeTable = 655_373;
    private const int PlacesPerEndpoint = 10;

    private const long SkipSeed = 1;

    public override bool UsesHash => true;

    public override LoadBalancer Create(Endpoint[] endpoints, Random random) => new Balancer(
        endpoints,
        Fill(endpoints, endpoints.Length <= SmallTable / PlacesPerEndpoint ? SmallTable : LargeTable),
        BoundPercent == 0 ? null : new BoundedLoad(endpoints, BoundPercent, Frequency));

    internal static int[] Fill(Endpoint[] endpoints, int size)
    {
        // In the order of addresses: every process fills the same table.
        int[] order = [.. endpoints.Index().OrderBy(static item => item.Item.Address, StringComparer.Ordinal).Select(static item => item.Index)];
        var place = order.Select(index => (int)(StableHash.Of(endpoints[index].Address) % (ulong)size)).ToArray();
        var skip = order.Select(index => (int)((StableHash.Of(endpoints[index].Address, SkipSeed) % (ulong)(size - 1)) + 1)).ToArray();
        var heaviest = endpoints.Max(static endpoint => (long)endpoint.Metadata.Weight);
        var due = new long[endpoints.Length];
        var owners = new int[size];
        Array.Fill(owners, -1);
        var filled = 0;
        for (var turn = 1L; ; turn++)
        {
            for (var i = 0; i < order.Length; i++)
            {
                // The heaviest takes a place in every turn, one of half its weight in every second.
                if (turn * endpoints[order[i]].Metadata.Weight < due[i])
                {
                    continue;
                }

                due[i] += heaviest;
                while (owners[place[i]] >= 0)
                {
                    place[i] = (int)(((long)place[i] + skip[i]) % size);
                }

                owners[place[i]] = order[i];
                if (++filled == size)
                {
                    return owners;
                }
            }
        }
    }

    private sealed class Balancer(Endpoint[] endpoints, int[] owners, BoundedLoad? bound) : ConsistentHashBalancer(endpoints, owners, bound)
    {
        private readonly uint _size = (uint)owners.Length;

        protected override int PlaceOf(ulong hash) => (int)(hash % _size);
    }
}
