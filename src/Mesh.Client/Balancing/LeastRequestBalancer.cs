using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// Power of two choices: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001. The second draw is
/// made from the others without bias, as in Finagle's <c>P2CPick</c>.
/// </summary>
internal sealed class LeastRequestBalancer : LoadBalancer
{
    // Finagle's figure: with half of the endpoints out, five pairs all miss once in a thousand draws.
    private const int MaxDraws = 5;

    public override Endpoint? Draw(Endpoint[] all, ReadOnlySpan<Endpoint> tried, Random random)
    {
        for (var draw = 0; draw < MaxDraws; draw++)
        {
            var first = random.Next(all.Length);
            var second = random.Next(all.Length - 1);
            if (second >= first)
            {
                second++;
            }

            var a = all[first];
            var b = all[second];
            if (IsUsable(a, tried))
            {
                return IsUsable(b, tried) && b.Active < a.Active ? b : a;
            }

            if (IsUsable(b, tried))
            {
                return b;
            }
        }

        return null;
    }
}
