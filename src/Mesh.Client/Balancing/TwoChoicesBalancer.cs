using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// Power of two choices: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001. The second draw is
/// made from the others without bias, as in Finagle's <c>P2CPick</c>.
/// </summary>
/// <remarks>
/// With weights, both draws are weighted and loads are compared per weight; a tie goes to the first draw. Idle endpoints
/// so get exactly their shares, and busy ones P2C's swift reaction. Envoy's <c>weight / (active + 1)^bias</c> in a
/// priority queue has the same shares, and needs a lock per pick.
/// </remarks>
internal sealed class TwoChoicesBalancer<TLoad>(Endpoint[] endpoints, TLoad load) : LoadBalancer
    where TLoad : struct, IEndpointLoad
{
    // Finagle's figure: with half of the endpoints out, five pairs all miss once in a thousand draws.
    private const int MaxDraws = 5;

    private readonly AliasTable? _weighted = AliasTable.For(endpoints);
    private readonly double[] _shares = EndpointWeights.Shares(endpoints);

    public override int Pick(in PickContext context)
    {
        for (var draw = 0; draw < MaxDraws; draw++)
        {
            var first = _weighted?.Draw(context.Random) ?? context.Random.Next(endpoints.Length);
            var second = Other(first, context.Random);
            var a = endpoints[first];
            var b = endpoints[second];
            if (context.IsUsable(a))
            {
                return context.IsUsable(b) && LoadOf(second, context.Timestamp) < LoadOf(first, context.Timestamp) ? second : first;
            }

            if (context.IsUsable(b))
            {
                return second;
            }
        }

        return -1;
    }

    private double LoadOf(int index, long now) => load.Of(endpoints[index], _shares[index], now);

    private int Other(int first, Random random)
    {
        // An endpoint with nearly all of the weight would be drawn again and again.
        for (var draw = 0; _weighted is not null && draw < MaxDraws; draw++)
        {
            var second = _weighted.Draw(random);
            if (second != first)
            {
                return second;
            }
        }

        var other = random.Next(endpoints.Length - 1);
        return other >= first ? other + 1 : other;
    }
}
