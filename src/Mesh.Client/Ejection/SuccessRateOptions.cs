using Mesh.Configuration;

namespace Mesh.Client.Ejection;

/// <summary>
/// Ejects an endpoint whose success rate lies far below that of the others: section <c>Ejection:SuccessRate</c>. As in
/// Envoy, the threshold is the mean of all rates less <c>StdevFactor</c>/1000 standard deviations.
/// </summary>
public sealed class SuccessRateOptions
{
    /// <summary>Whether success rates are compared.</summary>
    /// <value>Default false.</value>
    public bool? Enabled { get; set; }

    /// <summary>How many thousandths of the standard deviation an endpoint may lie below the mean.</summary>
    /// <value>Default 1900.</value>
    public int? StdevFactor { get; set; }

    /// <summary>How many endpoints must have had <see cref="MinRequests"/>; with fewer, nothing is compared.</summary>
    /// <value>Default 5.</value>
    public int? MinEndpoints { get; set; }

    /// <summary>How many requests an endpoint must have had in the interval to be compared.</summary>
    /// <value>Default 100.</value>
    public int? MinRequests { get; set; }

    internal static void Read(ConfigurationReader reader, SuccessRateOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.StdevFactor = reader.Integer(nameof(StdevFactor)) ?? options.StdevFactor;
        options.MinEndpoints = reader.Integer(nameof(MinEndpoints)) ?? options.MinEndpoints;
        options.MinRequests = reader.Integer(nameof(MinRequests)) ?? options.MinRequests;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(StdevFactor)}", StdevFactor, 0, 100_000);
        errors.CheckRange($"{path}:{nameof(MinEndpoints)}", MinEndpoints, 2, 100_000);
        errors.CheckRange($"{path}:{nameof(MinRequests)}", MinRequests, 1, 1_000_000);
    }
}
