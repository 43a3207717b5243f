using Mesh.Client.Balancing.Locality;
using Mesh.Client.Balancing.SlowStart;
using Mesh.Configuration;

namespace Mesh.Client.Balancing;

/// <summary>How an endpoint is picked: section <c>LoadBalancing</c> of a service.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>The name of the policy: one of <see cref="LoadBalancingPolicies"/>, or of an <see cref="ILoadBalancingPolicy"/> of the application.</summary>
    /// <value>Default <see cref="LoadBalancingPolicies.LeastRequest"/>.</value>
    public string? Policy { get; set; }

    /// <summary>
    /// The share of endpoints in rotation, in percent, below which calls go to all of them, in rotation or not: few left
    /// would only be overrun. 0 for never; then a call without an endpoint in rotation is refused.
    /// </summary>
    /// <value>Default 50, as in Envoy.</value>
    public int? PanicThreshold { get; set; }

    /// <summary>How many endpoints of a large service this process uses; 0 for all. Each process has its own choice.</summary>
    /// <value>Default 0.</value>
    public int? SubsetSize { get; set; }

    /// <summary>How an endpoint that joins or returns grows into its share.</summary>
    public SlowStartOptions SlowStart { get; } = new();

    /// <summary>Whether calls prefer endpoints near this process.</summary>
    public LocalityOptions Locality { get; } = new();

    internal static void Read(ConfigurationReader reader, LoadBalancingOptions options)
    {
        options.Policy = reader.Text(nameof(Policy)) is { Length: > 0 } policy ? policy : options.Policy;
        options.PanicThreshold = reader.Integer(nameof(PanicThreshold)) ?? options.PanicThreshold;
        options.SubsetSize = reader.Integer(nameof(SubsetSize)) ?? options.SubsetSize;
        reader.Section(nameof(SlowStart), options.SlowStart, SlowStartOptions.Read);
        reader.Section(nameof(Locality), options.Locality, LocalityOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors, PolicyCatalog catalog)
    {
        if (Policy is not null && !catalog.Knows(Policy))
        {
            errors.Add($"{path}:{nameof(Policy)}", Policy, $"one of {catalog.Names}");
        }

        errors.CheckRange($"{path}:{nameof(PanicThreshold)}", PanicThreshold, 0, 100);
        errors.CheckRange($"{path}:{nameof(SubsetSize)}", SubsetSize, 0, 1_000_000);
        SlowStart.Validate($"{path}:{nameof(SlowStart)}", errors);
    }
}
