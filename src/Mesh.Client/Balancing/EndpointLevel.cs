using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>Endpoints that are equally preferred, and the balancer that chooses among them.</summary>
internal sealed class EndpointLevel(Endpoint[] endpoints, BalancingPolicy policy)
{
    private readonly LoadBalancer? _balancer = endpoints.Length > 1 ? policy.Policy.Create(endpoints, policy.Random) : null;

    public Endpoint[] Endpoints => endpoints;

    /// <summary>One pick by the balancer; <see langword="null"/> when it met nothing usable.</summary>
    public Endpoint? Pick(in PickContext context)
    {
        if (_balancer is null)
        {
            return context.IsUsable(endpoints[0]) ? endpoints[0] : null;
        }

        // The policy may be the application's own, and wrong.
        var index = _balancer.Pick(context);
        return (uint)index < (uint)endpoints.Length ? endpoints[index] : null;
    }

    public (int Healthy, int Total) Count()
    {
        var healthy = 0;
        foreach (var endpoint in endpoints)
        {
            healthy += endpoint.IsUsable ? 1 : 0;
        }

        return (healthy, endpoints.Length);
    }
}
