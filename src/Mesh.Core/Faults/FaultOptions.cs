using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>
/// Faults that are put into calls on purpose, to see how their callers cope. The parts are drawn independently; the delay
/// comes before the abort.
/// </summary>
/// <remarks>Refused in production unless <see cref="MeshFaultOptions.AllowInProduction"/> is set.</remarks>
public sealed class FaultOptions
{
    /// <summary>Time that passes first. It counts: time-outs and deadlines may pass in it.</summary>
    public FaultDelayOptions? Delay { get; set; }

    /// <summary>A failure in place of the answer.</summary>
    public FaultAbortOptions? Abort { get; set; }

    /// <summary>How fast response bodies come.</summary>
    public FaultBandwidthOptions? Bandwidth { get; set; }

    /// <summary>
    /// Whether requests may order faults for themselves in header fields, such as <see cref="MeshHeaders.FaultDelay"/>. The
    /// shares they name are capped by the <c>Percent</c> here.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool FromHeaders { get; set; }

    /// <summary>Reads the section.</summary>
    public static void Read(ConfigurationReader reader, FaultOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Delay = reader.SectionOrNull(nameof(Delay), options.Delay, FaultDelayOptions.Read);
        options.Abort = reader.SectionOrNull(nameof(Abort), options.Abort, FaultAbortOptions.Read);
        options.Bandwidth = reader.SectionOrNull(nameof(Bandwidth), options.Bandwidth, FaultBandwidthOptions.Read);
        options.FromHeaders = reader.Boolean(nameof(FromHeaders)) ?? options.FromHeaders;
    }
}
