namespace Mesh.Client.Balancing;

/// <summary>The policies a configuration can name: the built-in ones, and those the application registered.</summary>
internal sealed class PolicyCatalog(IEnumerable<ILoadBalancingPolicy> registered)
{
    private static readonly Dictionary<string, Func<LoadBalancingOptions, LoadBalancingOptions, ILoadBalancingPolicy>> BuiltIn = new(StringComparer.OrdinalIgnoreCase)
    {
        [LoadBalancingPolicies.LeastRequest] = static (_, _) => new LeastRequestPolicy(),
        [LoadBalancingPolicies.PeakEwma] = static (_, _) => new PeakEwmaPolicy(),
        [LoadBalancingPolicies.RoundRobin] = static (_, _) => new RoundRobinPolicy(),
        [LoadBalancingPolicies.Random] = static (_, _) => new RandomPolicy(),
    };

    private readonly ILoadBalancingPolicy[] _registered = [.. registered];

    /// <summary>Every name, for messages.</summary>
    public string Names => string.Join(", ", BuiltIn.Keys.Concat(_registered.Select(static policy => policy.Name)));

    public bool Knows(string name) => BuiltIn.ContainsKey(name) || Registered(name) is not null;

    /// <summary>The policy that the options name, with its settings. One of the application goes before a built-in one of the same name.</summary>
    public ILoadBalancingPolicy Create(LoadBalancingOptions options, LoadBalancingOptions defaults)
    {
        var name = options.Policy ?? defaults.Policy ?? LoadBalancingPolicies.LeastRequest;
        return Registered(name) ?? (BuiltIn.TryGetValue(name, out var create) ? create(options, defaults) : new LeastRequestPolicy());
    }

    private ILoadBalancingPolicy? Registered(string name) =>
        Array.FindLast(_registered, policy => string.Equals(policy.Name, name, StringComparison.OrdinalIgnoreCase));
}
