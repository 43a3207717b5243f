using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Any endpoint, with equal probability.</summary>
internal sealed class RandomBalancer : LoadBalancer
{
    public override Endpoint? Draw(Endpoint[] all, ReadOnlySpan<Endpoint> tried, Random random)
    {
        var endpoint = all[random.Next(all.Length)];
        return IsUsable(endpoint, tried) ? endpoint : null;
    }
}
