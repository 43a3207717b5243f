using Mesh.Configuration;

namespace Mesh.Client.Balancing;

/// <summary>How an endpoint is picked: section <c>LoadBalancing</c> of a service.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>The policy.</summary>
    /// <value>Default <see cref="LoadBalancingPolicy.LeastRequest"/>.</value>
    public LoadBalancingPolicy? Policy { get; set; }

    internal static void Read(ConfigurationReader reader, LoadBalancingOptions options) =>
        options.Policy = reader.OneOf<LoadBalancingPolicy>(nameof(Policy)) ?? options.Policy;
}
