using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// A way to choose among endpoints. Register one of your own in the service container and name it in
/// <c>LoadBalancing:Policy</c>.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddSingleton&lt;ILoadBalancingPolicy, NearestPolicy&gt;();   // "LoadBalancing": { "Policy": "Nearest" }
/// </code>
/// </example>
public interface ILoadBalancingPolicy
{
    /// <summary>The name that configurations use; case does not matter.</summary>
    string Name { get; }

    /// <summary>Whether picks need <see cref="PickContext.Hash"/>, which is computed only where somebody wants it.</summary>
    /// <value>Default <see langword="false"/>.</value>
    bool UsesHash => false;

    /// <summary>
    /// Makes the balancer for a set of endpoints. Called when discovery or the settings change them, not per request: tables
    /// belong here.
    /// </summary>
    /// <param name="endpoints">At least two endpoints, in the order of their addresses. Their health and load change, the list does not.</param>
    /// <param name="random">A source of chance that many threads may use at once.</param>
    LoadBalancer Create(IReadOnlyList<IMeshEndpoint> endpoints, Random random);
}
