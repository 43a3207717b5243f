using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Endpoints in turn, from a random start so that clients that start together do not march in step.</summary>
internal sealed class RoundRobinBalancer(Random random) : LoadBalancer
{
    private uint _next = (uint)random.Next();

    public override Endpoint? Draw(Endpoint[] all, ReadOnlySpan<Endpoint> tried, Random random)
    {
        for (var i = 0; i < all.Length; i++)
        {
            var endpoint = all[Interlocked.Increment(ref _next) % (uint)all.Length];
            if (IsUsable(endpoint, tried))
            {
                return endpoint;
            }
        }

        return null;
    }
}
