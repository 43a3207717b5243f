using System.Runtime.CompilerServices;
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

    // Seldom called and then long: the compiler's first, unoptimized version would be all that it ever runs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int[] Fill(Endpoint[] endpoints, int size)
    {
        // In the order of addresses: every process fills the same table.
        int[] order = [.. endpoints.Index().OrderBy(static item => item.Item.Address, StringComparer.Ordinal).Select(static item => item.Index)];
        var place = order.Select(index => (int)(StableHash.Of(endpoints[index].Address) % (ulong)size)).ToArray();
        var skip = order.Select(index => (int)((StableHash.Of(endpoints[index].Address, SkipSeed) % (ulong)(size - 1)) + 1)).ToArray();
        var weight = order.Select(index => (long)endpoints[index].Metadata.Weight).ToArray();
        var heaviest = weight.Max();
        var due = new long[endpoints.Length];
        var owners = new int[size];

        // Places are tried several times as often as they are filled: bits stay in the processor's cache.
        var taken = new ulong[(size / 64) + 1];
        var filled = 0;
        for (var turn = 1L; ; turn++)
        {
            for (var i = 0; i < order.Length; i++)
            {
                // The heaviest takes a place in every turn, one of half its weight in every second.
                if (turn * weight[i] < due[i])
                {
                    continue;
                }

                due[i] += heaviest;
                var free = place[i];
                while ((taken[free >> 6] & (1UL << (free & 63))) != 0)
                {
                    free += skip[i];
                    free -= free >= size ? size : 0;
                }

                place[i] = free;
                taken[free >> 6] |= 1UL << (free & 63);
                owners[free] = order[i];
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
