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

    /// <summary>The port of its endpoints, where discovery names only hosts; a port that discovery names stays in force.</summary>
    /// <value>Default: that of the scheme.</value>
    public int? Port { get; set; }

    /// <summary>Its share, relative to the sum of the rule's weights: 0 (none) to 1,000,000.</summary>
    /// <value>Default 1.</value>
    public int Weight { get; set; } = 1;

    /// <summary>Labels that its endpoints must have, such as <c>version: v2</c>. Beyond the Gateway API.</summary>
    /// <value>Default: empty, which is every endpoint.</value>
    public Dictionary<string, string> Subset { get; set; } = [];

    /// <summary>Header changes for this backend alone: <see cref="RouteFilterType.RequestHeaderModifier"/>, <see cref="RouteFilterType.ResponseHeaderModifier"/>.</summary>
    /// <value>Default: empty.</value>
    public List<RouteFilterOptions> Filters { get; set; } = [];

    /// <summary>
    /// Why the reference leads nowhere, where its source has found out: a service of a kind that is unknown, or one that may not
    /// be referred to. Its share of the requests is answered 500. Not read from configuration.
    /// </summary>
    /// <value>Default <see langword="null"/>: it leads to the service.</value>
    public string? Unresolved { get; set; }

    internal static void Read(ConfigurationReader reader, BackendRefOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Namespace = reader.Text(nameof(Namespace)) ?? options.Namespace;
        options.Kind = reader.OneOf<BackendKind>(nameof(Kind)) ?? options.Kind;
        options.Port = reader.Integer(nameof(Port)) ?? options.Port;
        options.Weight = reader.Integer(nameof(Weight)) ?? options.Weight;
        options.Subset = reader.TextMap(nameof(Subset)) ?? options.Subset;
        options.Filters = reader.Sections<RouteFilterOptions>(nameof(Filters), RouteFilterOptions.Read) ?? options.Filters;

        // The API group of a Service is the empty string; a pasted spec may say so.
        reader.Ignore("Group");
    }
}
