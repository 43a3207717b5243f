using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// Rendezvous-style subsetting as gRPC's A68 has it: each endpoint is scored with XXH64 under a seed of the process, and
/// those with the lowest scores are kept. When an endpoint comes or goes, at most one of the subset changes.
/// </summary>
internal static class RandomSubset
{
    public static Endpoint[] Of(Endpoint[] endpoints, int size, long seed)
    {
        if (size == 0 || endpoints.Length <= size)
        {
            return endpoints;
        }

        var scores = new ulong[endpoints.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = StableHash.Of(endpoints[i].Address, seed);
        }

        var sorted = (Endpoint[])endpoints.Clone();
        Array.Sort(scores, sorted);
        return sorted[..size];
    }
}
