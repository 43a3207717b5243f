using Mesh.Configuration;

namespace Mesh.Client.Balancing;

/// <summary>How an endpoint is picked: section <c>LoadBalancing</c> of a service.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>The name of the policy: one of <see cref="LoadBalancingPolicies"/>, or of an <see cref="ILoadBalancingPolicy"/> of the application.</summary>
    /// <value>Default <see cref="LoadBalancingPolicies.LeastRequest"/>.</value>
    public string? Policy { get; set; }

    internal static void Read(ConfigurationReader reader, LoadBalancingOptions options) =>
        options.Policy = reader.Text(nameof(Policy)) is { Length: > 0 } policy ? policy : options.Policy;

    internal void Validate(string path, ConfigurationErrors errors, PolicyCatalog catalog)
    {
        if (Policy is not null && !catalog.Knows(Policy))
        {
            errors.Add($"{path}:{nameof(Policy)}", Policy, $"one of {catalog.Names}");
        }
    }
}
