using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>
/// Faults that are put into calls on purpose, to see how their callers cope: section <c>Fault</c> of a rule or a service. The
/// parts are drawn independently; the delay comes before the abort.
/// </summary>
/// <remarks>A call counts as one whatever its attempts: an injected abort is the caller's answer and is not repeated.</remarks>
public sealed class FaultOptions
{
    /// <summary>Time that passes before the call is made. It counts: the deadline of the call may pass in it.</summary>
    public FaultDelayOptions? Delay { get; set; }

    /// <summary>An answer that is given in place of the call.</summary>
    public FaultAbortOptions? Abort { get; set; }

    /// <summary>How fast response bodies come.</summary>
    public FaultBandwidthOptions? Bandwidth { get; set; }

    /// <summary>
    /// Whether requests may order faults for themselves, with Envoy's header fields <c>x-envoy-fault-*</c>. A share they name
    /// is capped by the <c>Percent</c> here. At a gateway whoever can reach it can.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool FromHeaders { get; set; }

    /// <summary>Whether the fault is meant for an application that runs in the environment <c>Production</c>; otherwise it is refused there.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowInProduction { get; set; }

    /// <summary>Reads the section.</summary>
    public static void Read(ConfigurationReader reader, FaultOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Delay = reader.SectionOrNull(nameof(Delay), options.Delay, FaultDelayOptions.Read);
        options.Abort = reader.SectionOrNull(nameof(Abort), options.Abort, FaultAbortOptions.Read);
        options.Bandwidth = reader.SectionOrNull(nameof(Bandwidth), options.Bandwidth, FaultBandwidthOptions.Read);
        options.FromHeaders = reader.Boolean(nameof(FromHeaders)) ?? options.FromHeaders;
        options.AllowInProduction = reader.Boolean(nameof(AllowInProduction)) ?? options.AllowInProduction;
    }
}
