using Mesh.Client.Balancing.Locality;
using Mesh.Client.Balancing.SlowStart;
using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>The compiled form of <see cref="LoadBalancingOptions"/>. Equal settings are equal, so that a reload which changes nothing here changes nothing.</summary>
/// <param name="Policy">How an endpoint is chosen.</param>
/// <param name="Random">The source of chance for whatever starts at random.</param>
internal sealed record BalancingPolicy(ILoadBalancingPolicy Policy, Random Random)
{
    /// <summary>The share of healthy endpoints, in percent, below which health is ignored; 0 for never.</summary>
    public int PanicThreshold { get; init; } = 50;

    /// <summary>How many endpoints of a level this process uses; 0 for all.</summary>
    public int SubsetSize { get; init; }

    /// <summary>What makes the subset of this process another than its neighbour's.</summary>
    public long SubsetSeed { get; init; }

    public SlowStartPolicy? SlowStart { get; init; }

    public LocalityPolicy? Locality { get; init; }

    public static BalancingPolicy Compile(LoadBalancingOptions options, LoadBalancingOptions defaults, BalancingContext context)
    {
        var policy = context.Catalog.Create(options, defaults, context.Time);
        return new BalancingPolicy(policy, context.Random)
        {
            PanicThreshold = options.PanicThreshold ?? defaults.PanicThreshold ?? 50,
            SubsetSize = options.SubsetSize ?? defaults.SubsetSize ?? 0,
            SubsetSeed = context.SubsetSeed,

            // An endpoint that keys stick to cannot be eased in: those it turned away would have to move twice.
            SlowStart = policy.UsesHash ? null : SlowStartPolicy.Compile(options.SlowStart, defaults.SlowStart, context.Time),
            Locality = LocalityPolicy.Compile(options.Locality, defaults.Locality, context.Service),
        };
    }

    /// <summary>Divides endpoints into levels of preference, the first first.</summary>
    public EndpointLevel[] Levels(Endpoint[] endpoints) =>
    [
        .. endpoints
            .GroupBy(endpoint => Locality?.RankOf(endpoint.Metadata) ?? endpoint.Metadata.Priority)
            .OrderBy(static level => level.Key)
            .Select(level => new EndpointLevel(RandomSubset.Of([.. level], SubsetSize, SubsetSeed), this)),
    ];
}
