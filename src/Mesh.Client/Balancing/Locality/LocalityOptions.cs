using Mesh.Configuration;

namespace Mesh.Client.Balancing.Locality;

/// <summary>
/// Whether calls prefer endpoints near this process: section <c>Locality</c> of <see cref="LoadBalancingOptions"/>. Where
/// this process is, <c>Mesh:Service</c> says; where endpoints are, discovery.
/// </summary>
public sealed class LocalityOptions
{
    /// <summary>Whether distance decides before the policy does.</summary>
    /// <value>Default <see langword="true"/>; without effect while this process does not know where it is.</value>
    public bool? Enabled { get; set; }

    /// <summary>For a region, the region that takes over when it is not enough; all others come after that one.</summary>
    /// <value>Default none: every other region is as good.</value>
    public Dictionary<string, string>? Failover { get; set; }

    internal static void Read(ConfigurationReader reader, LocalityOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.Failover = reader.TextMap(nameof(Failover)) ?? options.Failover;
    }
}
