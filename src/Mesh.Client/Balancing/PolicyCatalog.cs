using Mesh.Client.Balancing.Hashing;

namespace Mesh.Client.Balancing;

/// <summary>The policies a configuration can name: the built-in ones, and those the application registered.</summary>
internal sealed class PolicyCatalog(IEnumerable<ILoadBalancingPolicy> registered)
{
    private static readonly Dictionary<string, Func<LoadBalancingOptions, LoadBalancingOptions, TimeProvider, ILoadBalancingPolicy>> BuiltIn = new(StringComparer.OrdinalIgnoreCase)
    {
        [LoadBalancingPolicies.LeastRequest] = static (_, _, _) => new LeastRequestPolicy(),
        [LoadBalancingPolicies.PeakEwma] = static (_, _, _) => new PeakEwmaPolicy(),
        [LoadBalancingPolicies.RoundRobin] = static (_, _, _) => new RoundRobinPolicy(),
        [LoadBalancingPolicies.Random] = static (_, _, _) => new RandomPolicy(),
        [LoadBalancingPolicies.RingHash] = static (options, defaults, time) => new RingHashPolicy(
            options.MinRingSize ?? defaults.MinRingSize ?? 1024,
            options.MaxRingSize ?? defaults.MaxRingSize ?? 65_536,
            BoundOf(options, defaults),
            time.TimestampFrequency),
        [LoadBalancingPolicies.Maglev] = static (options, defaults, time) => new MaglevPolicy(BoundOf(options, defaults), time.TimestampFrequency),
    };

    private readonly ILoadBalancingPolicy[] _registered = [.. registered];

    /// <summary>Every name, for messages.</summary>
    public string Names => string.Join(", ", BuiltIn.Keys.Concat(_registered.Select(static policy => policy.Name)));

    public bool Knows(string name) => BuiltIn.ContainsKey(name) || Registered(name) is not null;

    /// <summary>The policy that the options name, with its settings. One of the application goes before a built-in one of the same name.</summary>
    public ILoadBalancingPolicy Create(LoadBalancingOptions options, LoadBalancingOptions defaults, TimeProvider time)
    {
        var name = options.Policy ?? defaults.Policy ?? LoadBalancingPolicies.LeastRequest;
        return Registered(name) ?? (BuiltIn.TryGetValue(name, out var create) ? create(options, defaults, time) : new LeastRequestPolicy());
    }

    private ILoadBalancingPolicy? Registered(string name) =>
        Array.FindLast(_registered, policy => string.Equals(policy.Name, name, StringComparison.OrdinalIgnoreCase));

    private static int BoundOf(LoadBalancingOptions options, LoadBalancingOptions defaults) => options.HashBalanceFactor ?? defaults.HashBalanceFactor ?? 0;
}
