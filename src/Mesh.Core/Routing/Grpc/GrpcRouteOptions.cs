using Mesh.Configuration;
using Mesh.Routing.Listeners;

namespace Mesh.Routing.Grpc;

/// <summary>One route for gRPC calls. Shape and meaning of a Gateway API <c>GRPCRoute</c> spec.</summary>
public sealed class GrpcRouteOptions
{
    /// <summary>Host names it answers to: exact (<c>shop.example</c>) or with a leading wildcard label (<c>*.shop.example</c>).</summary>
    /// <value>Default: empty, which is every host.</value>
    public List<string> Hostnames { get; set; } = [];

    /// <summary>The rules; at least one.</summary>
    public List<GrpcRouteRuleOptions> Rules { get; set; } = [];

    /// <summary>The listeners of the gateway it hangs on; without meaning where the gateway has none.</summary>
    /// <value>Default: empty, which is every listener.</value>
    public List<ParentRefOptions> ParentRefs { get; set; } = [];

    /// <summary>Where it was read, for messages: the path of its fields. Not read from configuration.</summary>
    /// <value>Default <see langword="null"/>: the section of the configuration under its name.</value>
    public string? Source { get; set; }

    /// <summary>Reads the section of one route.</summary>
    public static void Read(ConfigurationReader reader, GrpcRouteOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Hostnames = reader.Texts(nameof(Hostnames)) ?? options.Hostnames;
        options.Rules = reader.Sections<GrpcRouteRuleOptions>(nameof(Rules), GrpcRouteRuleOptions.Read) ?? options.Rules;
        options.ParentRefs = reader.Sections<ParentRefOptions>(nameof(ParentRefs), ParentRefOptions.Read) ?? options.ParentRefs;
    }
}
