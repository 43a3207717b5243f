using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Endpoints in turn, from a random start so that clients that start together do not march in step.</summary>
internal sealed class RoundRobinBalancer(Endpoint[] endpoints, Random random) : LoadBalancer
{
    private readonly TurnCounter _turns = new(random);

    public override int Pick(in PickContext context)
    {
        for (var i = 0; i < endpoints.Length; i++)
        {
            var index = (int)(_turns.Next() % (ulong)endpoints.Length);
            if (context.IsUsable(endpoints[index]))
            {
                return index;
            }
        }

        return -1;
    }
}
