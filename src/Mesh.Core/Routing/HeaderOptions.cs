using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A header field to write.</summary>
public sealed class HeaderOptions
{
    /// <summary>The name of the field.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its value.</summary>
    public string Value { get; set; } = "";

    internal static void Read(ConfigurationReader reader, HeaderOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Value = reader.Text(nameof(Value)) ?? options.Value;
    }
}
