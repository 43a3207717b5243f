namespace Mesh.Client.Balancing;

/// <summary>The compiled form of <see cref="LoadBalancingOptions"/>. Equal settings are equal, so that a reload which changes nothing here changes nothing.</summary>
/// <param name="Policy">How an endpoint is chosen.</param>
/// <param name="Random">The source of chance for whatever starts at random.</param>
internal sealed record BalancingPolicy(ILoadBalancingPolicy Policy, Random Random)
{
    public static BalancingPolicy Compile(LoadBalancingOptions options, LoadBalancingOptions defaults, PolicyCatalog catalog, Random random) =>
        new(catalog.Create(options, defaults), random);
}
