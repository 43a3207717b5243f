using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Balancing.Locality;
using Mesh.Client.Balancing.SlowStart;
using Mesh.Configuration;

namespace Mesh.Client.Balancing;

/// <summary>How an endpoint is picked: section <c>LoadBalancing</c> of a service.</summary>
public sealed class LoadBalancingOptions
{
    // Envoy's and gRPC's bound of the protocol.
    private const int MaxPlaces = 8 * 1024 * 1024;

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

    /// <summary>
    /// What requests stick to an endpoint by, for policies that hash. Parts that a request carries are combined in this
    /// order; a request that carries none goes anywhere.
    /// </summary>
    /// <value>Default: <see cref="MeshRequestOptions.HashKey"/>.</value>
    public List<HashKeyOptions>? HashKeys { get; set; }

    /// <summary>
    /// The most requests in flight an endpoint may have under a policy that hashes, in percent of the average; what is above
    /// goes to the next one. 0 for no bound.
    /// </summary>
    /// <value>Default 0; 125 to 200 are usual.</value>
    public int? HashBalanceFactor { get; set; }

    /// <summary>The least number of places on the ring of <see cref="LoadBalancingPolicies.RingHash"/>: more make it more even.</summary>
    /// <value>Default 1024.</value>
    public int? MinRingSize { get; set; }

    /// <summary>The largest number of places on the ring, which very different weights would ask for; never less than one per endpoint.</summary>
    /// <value>Default 65536.</value>
    public int? MaxRingSize { get; set; }

    internal static void Read(ConfigurationReader reader, LoadBalancingOptions options)
    {
        options.Policy = reader.Text(nameof(Policy)) is { Length: > 0 } policy ? policy : options.Policy;
        options.PanicThreshold = reader.Integer(nameof(PanicThreshold)) ?? options.PanicThreshold;
        options.SubsetSize = reader.Integer(nameof(SubsetSize)) ?? options.SubsetSize;
        options.HashKeys = reader.Sections<HashKeyOptions>(nameof(HashKeys), HashKeyOptions.Read) ?? options.HashKeys;
        options.HashBalanceFactor = reader.Integer(nameof(HashBalanceFactor)) ?? options.HashBalanceFactor;
        options.MinRingSize = reader.Integer(nameof(MinRingSize)) ?? options.MinRingSize;
        options.MaxRingSize = reader.Integer(nameof(MaxRingSize)) ?? options.MaxRingSize;
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
        if (HashBalanceFactor is not (null or 0))
        {
            errors.CheckRange($"{path}:{nameof(HashBalanceFactor)}", HashBalanceFactor, 100, 10_000);
        }

        errors.CheckRange($"{path}:{nameof(MinRingSize)}", MinRingSize, 1, MaxPlaces);
        errors.CheckRange($"{path}:{nameof(MaxRingSize)}", MaxRingSize, 1, MaxPlaces);
        for (var i = 0; i < HashKeys?.Count; i++)
        {
            HashKeys[i].Validate($"{path}:{nameof(HashKeys)}:{i}", errors);
        }

        SlowStart.Validate($"{path}:{nameof(SlowStart)}", errors);
    }
}
