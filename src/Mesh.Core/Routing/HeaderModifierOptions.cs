using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Changes to header fields; each field is named once.</summary>
public sealed class HeaderModifierOptions
{
    /// <summary>Fields whose values are replaced.</summary>
    public List<HeaderOptions> Set { get; set; } = [];

    /// <summary>Fields that get one more value.</summary>
    public List<HeaderOptions> Add { get; set; } = [];

    /// <summary>Names of fields that are taken away.</summary>
    public List<string> Remove { get; set; } = [];

    internal static void Read(ConfigurationReader reader, HeaderModifierOptions options)
    {
        options.Set = reader.Sections<HeaderOptions>(nameof(Set), HeaderOptions.Read) ?? options.Set;
        options.Add = reader.Sections<HeaderOptions>(nameof(Add), HeaderOptions.Read) ?? options.Add;
        options.Remove = reader.Texts(nameof(Remove)) ?? options.Remove;
    }
}
