using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>A slow line for a share of the response bodies.</summary>
public sealed class FaultBandwidthOptions
{
    /// <summary>How many bytes of a body come in a second, from 1; required.</summary>
    public int? BytesPerSecond { get; set; }

    /// <summary>The share of responses, 0 to 100.</summary>
    /// <value>Default 100.</value>
    public double Percent { get; set; } = 100;

    internal static void Read(ConfigurationReader reader, FaultBandwidthOptions options)
    {
        options.BytesPerSecond = reader.Integer(nameof(BytesPerSecond)) ?? options.BytesPerSecond;
        options.Percent = reader.Number(nameof(Percent)) ?? options.Percent;
    }
}
