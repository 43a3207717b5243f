using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing.Hashing;

/// <summary>
/// Looks a request's hash up in a table of owners. Where the owner cannot take it, the next one in the table does, so
/// that all requests of a key meet again at the same place.
/// </summary>
/// <param name="endpoints">The endpoints.</param>
/// <param name="owners">Indexes of endpoints; what follows a place is as good as random.</param>
/// <param name="bound">Caps each endpoint's load, or <see langword="null"/>.</param>
internal abstract class ConsistentHashBalancer(Endpoint[] endpoints, int[] owners, BoundedLoad? bound) : LoadBalancer
{
    // With one endpoint in ten usable, the search gives up once in a trillion.
    private const int MaxSteps = 256;

    public sealed override int Pick(in PickContext context)
    {
        // A request without a key goes anywhere.
        var place = PlaceOf(context.Hash ?? (ulong)context.Random.NextInt64(long.MinValue, long.MaxValue));
        var capacity = bound?.CapacityOf(context.Timestamp) ?? 0;
        var overloaded = -1;
        for (var step = 0; step < MaxSteps; step++)
        {
            var owner = owners[place];
            if (context.IsUsable(endpoints[owner]))
            {
                if (bound is null || bound.Admits(owner, capacity))
                {
                    return owner;
                }

                overloaded = overloaded < 0 ? owner : overloaded;
            }

            place = place + 1 < owners.Length ? place + 1 : 0;
        }

        return overloaded;
    }

    /// <summary>Where in the table a hash belongs.</summary>
    protected abstract int PlaceOf(ulong hash);
}
