using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A service that takes a share of a rule's requests.</summary>
public sealed class BackendRefOptions
{
    /// <summary>The name of the service; required.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its namespace.</summary>
    /// <value>Default: that of this process.</value>
    public string? Namespace { get; set; }

    /// <summary>The kind of backend.</summary>
    /// <value>Default <see cref="BackendKind.Service"/>.</value>
    public BackendKind Kind { get; set; }

    /// <summary>Its port, where discovery does not supply one.</summary>
    public int? Port { get; set; }

    /// <summary>Its share, relative to the sum of the rule's weights: 0 (none) to 1,000,000.</summary>
    /// <value>Default 1.</value>
    public int Weight { get; set; } = 1;

    internal static void Read(ConfigurationReader reader, BackendRefOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Namespace = reader.Text(nameof(Namespace)) ?? options.Namespace;
        options.Kind = reader.OneOf<BackendKind>(nameof(Kind)) ?? options.Kind;
        options.Port = reader.Integer(nameof(Port)) ?? options.Port;
        options.Weight = reader.Integer(nameof(Weight)) ?? options.Weight;

        // The API group of a Service is the empty string; a pasted spec may say so.
        reader.Ignore("Group");
    }
}
