using Mesh.Configuration;
using Mesh.Routing.Listeners;

namespace Mesh.Routing;

/// <summary>One route: host names and the rules for requests to them. Shape and meaning of a Gateway API <c>HTTPRoute</c> spec.</summary>
public sealed class RouteOptions
{
    /// <summary>Host names it answers to: exact (<c>shop.example</c>) or with a leading wildcard label (<c>*.shop.example</c>).</summary>
    /// <value>Default: empty, which is every host.</value>
    public List<string> Hostnames { get; set; } = [];

    /// <summary>The rules; at least one.</summary>
    public List<RouteRuleOptions> Rules { get; set; } = [];

    /// <summary>The listeners of the gateway it hangs on; without meaning where the gateway has none.</summary>
    /// <value>Default: empty, which is every listener.</value>
    public List<ParentRefOptions> ParentRefs { get; set; } = [];

    /// <summary>Where it was read, for messages: the path of its fields. Not read from configuration.</summary>
    /// <value>Default <see langword="null"/>: the section of the configuration under its name.</value>
    public string? Source { get; set; }

    /// <summary>Reads the section of one route.</summary>
    public static void Read(ConfigurationReader reader, RouteOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Hostnames = reader.Texts(nameof(Hostnames)) ?? options.Hostnames;
        options.Rules = reader.Sections<RouteRuleOptions>(nameof(Rules), RouteRuleOptions.Read) ?? options.Rules;
        options.ParentRefs = reader.Sections<ParentRefOptions>(nameof(ParentRefs), ParentRefOptions.Read) ?? options.ParentRefs;
    }
}
