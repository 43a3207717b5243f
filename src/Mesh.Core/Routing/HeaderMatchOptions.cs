using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A condition on a header field.</summary>
public sealed class HeaderMatchOptions
{
    /// <summary>The name of the field, in any case.</summary>
    public string Name { get; set; } = "";

    /// <summary>The value it must have, or the regular expression that its whole value must match. Empty for <see cref="ValueMatchType.Present"/> and <see cref="ValueMatchType.Absent"/>.</summary>
    public string Value { get; set; } = "";

    /// <summary>How the value is compared.</summary>
    /// <value>Default <see cref="ValueMatchType.Exact"/>.</value>
    public ValueMatchType Type { get; set; }

    internal static void Read(ConfigurationReader reader, HeaderMatchOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Value = reader.Text(nameof(Value)) ?? options.Value;
        options.Type = reader.OneOf<ValueMatchType>(nameof(Type)) ?? options.Type;
    }
}
