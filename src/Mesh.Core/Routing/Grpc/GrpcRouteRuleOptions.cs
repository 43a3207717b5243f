using Mesh.Configuration;

namespace Mesh.Routing.Grpc;

/// <summary>One rule of a gRPC route: which calls it takes, what it changes, and where they go.</summary>
public sealed class GrpcRouteRuleOptions
{
    /// <summary>A name for messages and metrics; unique in its route.</summary>
    /// <value>Default: the rule's position.</value>
    public string? Name { get; set; }

    /// <summary>What it takes: a call for which any of these holds.</summary>
    /// <value>Default: empty, which takes every call.</value>
    public List<GrpcRouteMatchOptions> Matches { get; set; } = [];

    /// <summary>What it changes on the request and the response.</summary>
    /// <value>Default: empty.</value>
    public List<RouteFilterOptions> Filters { get; set; } = [];

    /// <summary>The services that share its calls in proportion to their weights.</summary>
    /// <value>Default: empty, which is answered with <c>UNAVAILABLE</c>.</value>
    public List<BackendRefOptions> BackendRefs { get; set; } = [];

    /// <summary>How long its calls may take. Beyond the Gateway API.</summary>
    public RouteTimeoutsOptions Timeouts { get; set; } = new();

    /// <summary>When its calls are repeated. Beyond the Gateway API.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public RouteRetryOptions? Retry { get; set; }

    internal static void Read(ConfigurationReader reader, GrpcRouteRuleOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Matches = reader.Sections<GrpcRouteMatchOptions>(nameof(Matches), GrpcRouteMatchOptions.Read) ?? options.Matches;
        options.Filters = reader.Sections<RouteFilterOptions>(nameof(Filters), RouteFilterOptions.Read) ?? options.Filters;
        options.BackendRefs = reader.Sections<BackendRefOptions>(nameof(BackendRefs), BackendRefOptions.Read) ?? options.BackendRefs;
        reader.Section(nameof(Timeouts), options.Timeouts, RouteTimeoutsOptions.Read);
        options.Retry = reader.SectionOrNull(nameof(Retry), options.Retry, RouteRetryOptions.Read);
    }

    /// <summary>What it has in common with a rule for HTTP: everything but the matches.</summary>
    internal RouteRuleOptions ToRouteRule() => new()
    {
        Name = Name,
        Filters = Filters,
        BackendRefs = BackendRefs,
        Timeouts = Timeouts,
        Retry = Retry,
    };
}
