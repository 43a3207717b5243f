using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A share as a fraction.</summary>
public sealed class RouteFractionOptions
{
    /// <summary>0 to <see cref="Denominator"/>; required.</summary>
    public int? Numerator { get; set; }

    /// <summary>At least 1.</summary>
    /// <value>Default 100.</value>
    public int Denominator { get; set; } = 100;

    internal static void Read(ConfigurationReader reader, RouteFractionOptions options)
    {
        options.Numerator = reader.Integer(nameof(Numerator)) ?? options.Numerator;
        options.Denominator = reader.Integer(nameof(Denominator)) ?? options.Denominator;
    }
}
