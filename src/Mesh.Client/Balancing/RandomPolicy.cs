using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Any endpoint, with the probability of its weight.</summary>
internal sealed record RandomPolicy() : BuiltInPolicy(LoadBalancingPolicies.Random)
{
    public override LoadBalancer Create(Endpoint[] endpoints, Random random) => new Balancer(endpoints);

    private sealed class Balancer(Endpoint[] endpoints) : LoadBalancer
    {
        // With half of the endpoints out, all miss once in a thousand picks.
        private const int MaxDraws = 10;

        private readonly AliasTable? _weighted = AliasTable.For(endpoints);

        public override int Pick(in PickContext context)
        {
            for (var draw = 0; draw < MaxDraws; draw++)
            {
                var index = _weighted?.Draw(context.Random) ?? context.Random.Next(endpoints.Length);
                if (context.IsUsable(endpoints[index]))
                {
                    return index;
                }
            }

            return -1;
        }
    }
}
