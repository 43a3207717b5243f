using Mesh.Configuration;

namespace Mesh.Client.Ejection;

/// <summary>Ejects an endpoint most of whose calls fail, whatever the others do: section <c>Ejection:FailurePercentage</c>.</summary>
public sealed class FailurePercentageOptions
{
    /// <summary>Whether failures are counted.</summary>
    /// <value>Default false.</value>
    public bool? Enabled { get; set; }

    /// <summary>The share of failed requests from which an endpoint is ejected, in percent.</summary>
    /// <value>Default 85.</value>
    public int? Threshold { get; set; }

    /// <summary>How many endpoints must have had <see cref="MinRequests"/>.</summary>
    /// <value>Default 5.</value>
    public int? MinEndpoints { get; set; }

    /// <summary>How many requests an endpoint must have had in the interval to be judged.</summary>
    /// <value>Default 50.</value>
    public int? MinRequests { get; set; }

    internal static void Read(ConfigurationReader reader, FailurePercentageOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.Threshold = reader.Integer(nameof(Threshold)) ?? options.Threshold;
        options.MinEndpoints = reader.Integer(nameof(MinEndpoints)) ?? options.MinEndpoints;
        options.MinRequests = reader.Integer(nameof(MinRequests)) ?? options.MinRequests;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Threshold)}", Threshold, 1, 100);
        errors.CheckRange($"{path}:{nameof(MinEndpoints)}", MinEndpoints, 1, 100_000);
        errors.CheckRange($"{path}:{nameof(MinRequests)}", MinRequests, 1, 1_000_000);
    }
}
