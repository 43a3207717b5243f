using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>A delay for a share of the calls.</summary>
public sealed class FaultDelayOptions
{
    /// <summary>How long; required.</summary>
    public TimeSpan? FixedDelay { get; set; }

    /// <summary>The share of calls, 0 to 100.</summary>
    /// <value>Default 100.</value>
    public double Percent { get; set; } = 100;

    internal static void Read(ConfigurationReader reader, FaultDelayOptions options)
    {
        options.FixedDelay = reader.Duration(nameof(FixedDelay)) ?? options.FixedDelay;
        options.Percent = reader.Number(nameof(Percent)) ?? options.Percent;
    }
}
