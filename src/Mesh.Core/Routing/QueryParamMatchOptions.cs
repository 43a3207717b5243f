using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A condition on the first value of a query parameter.</summary>
public sealed class QueryParamMatchOptions
{
    /// <summary>The decoded name, case-sensitive.</summary>
    public string Name { get; set; } = "";

    /// <summary>The decoded value it must have, or the regular expression that its whole decoded value must match. Empty for <see cref="ValueMatchType.Present"/> and <see cref="ValueMatchType.Absent"/>.</summary>
    public string Value { get; set; } = "";

    /// <summary>How the value is compared.</summary>
    /// <value>Default <see cref="ValueMatchType.Exact"/>.</value>
    public ValueMatchType Type { get; set; }

    internal static void Read(ConfigurationReader reader, QueryParamMatchOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Value = reader.Text(nameof(Value)) ?? options.Value;
        options.Type = reader.OneOf<ValueMatchType>(nameof(Type)) ?? options.Type;
    }
}
