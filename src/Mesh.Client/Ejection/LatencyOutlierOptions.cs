using Mesh.Configuration;

namespace Mesh.Client.Ejection;

/// <summary>Ejects an endpoint that is far slower than the others: section <c>Ejection:Latency</c>.</summary>
public sealed class LatencyOutlierOptions
{
    /// <summary>Whether latencies are compared.</summary>
    /// <value>Default false.</value>
    public bool? Enabled { get; set; }

    /// <summary>Which quantile of an endpoint's latency is compared, 0.5 to 0.99.</summary>
    /// <value>Default 0.9.</value>
    public double? Quantile { get; set; }

    /// <summary>How many times the median of the others' quantiles an endpoint may take.</summary>
    /// <value>Default 3.</value>
    public double? Factor { get; set; }

    /// <summary>An endpoint whose quantile is below this is never ejected.</summary>
    /// <value>Default 50 milliseconds.</value>
    public TimeSpan? MinLatency { get; set; }

    /// <summary>How many endpoints must have had <see cref="MinRequests"/>; with fewer, nothing is compared.</summary>
    /// <value>Default 3.</value>
    public int? MinEndpoints { get; set; }

    /// <summary>How many requests an endpoint must have had in the interval to be compared.</summary>
    /// <value>Default 50.</value>
    public int? MinRequests { get; set; }

    internal static void Read(ConfigurationReader reader, LatencyOutlierOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.Quantile = reader.Number(nameof(Quantile)) ?? options.Quantile;
        options.Factor = reader.Number(nameof(Factor)) ?? options.Factor;
        options.MinLatency = reader.Duration(nameof(MinLatency)) ?? options.MinLatency;
        options.MinEndpoints = reader.Integer(nameof(MinEndpoints)) ?? options.MinEndpoints;
        options.MinRequests = reader.Integer(nameof(MinRequests)) ?? options.MinRequests;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Quantile)}", Quantile, 0.5, 0.99);
        errors.CheckRange($"{path}:{nameof(Factor)}", Factor, 1.1, 1000);
        errors.CheckDuration($"{path}:{nameof(MinLatency)}", MinLatency);
        errors.CheckRange($"{path}:{nameof(MinEndpoints)}", MinEndpoints, 2, 100_000);
        errors.CheckRange($"{path}:{nameof(MinRequests)}", MinRequests, 1, 1_000_000);
    }
}
