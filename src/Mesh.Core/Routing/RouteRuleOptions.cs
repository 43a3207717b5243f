using Mesh.Configuration;
using Mesh.Routing.Sessions;

namespace Mesh.Routing;

/// <summary>One rule of a route: which requests it takes, what it changes, and where they go.</summary>
public sealed class RouteRuleOptions
{
    /// <summary>A name for messages and metrics; unique in its route.</summary>
    /// <value>Default: the rule's position.</value>
    public string? Name { get; set; }

    /// <summary>What it takes: a request for which any of these holds.</summary>
    /// <value>Default: empty, which takes every request.</value>
    public List<RouteMatchOptions> Matches { get; set; } = [];

    /// <summary>What it changes on the request and the response, or answers itself; each type at most once, <see cref="RouteFilterType.RequestMirror"/> as often as wanted.</summary>
    /// <value>Default: empty.</value>
    public List<RouteFilterOptions> Filters { get; set; } = [];

    /// <summary>The services that share its requests in proportion to their weights.</summary>
    /// <value>Default: empty: a gateway answers 500, a client calls the service it was asked for.</value>
    public List<BackendRefOptions> BackendRefs { get; set; } = [];

    /// <summary>How long its requests may take.</summary>
    public RouteTimeoutsOptions Timeouts { get; set; } = new();

    /// <summary>When its requests are repeated.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public RouteRetryOptions? Retry { get; set; }

    /// <summary>When its requests are sent a second time before the first answer is there.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public RouteHedgingOptions? Hedging { get; set; }

    /// <summary>Keeps the requests of a caller with one endpoint. Only at a gateway.</summary>
    /// <value>Default <see langword="null"/>: each request goes where balancing sends it.</value>
    public SessionPersistenceOptions? SessionPersistence { get; set; }

    /// <summary>Reads the section of one rule.</summary>
    public static void Read(ConfigurationReader reader, RouteRuleOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Matches = reader.Sections<RouteMatchOptions>(nameof(Matches), RouteMatchOptions.Read) ?? options.Matches;
        options.Filters = reader.Sections<RouteFilterOptions>(nameof(Filters), RouteFilterOptions.Read) ?? options.Filters;
        options.BackendRefs = reader.Sections<BackendRefOptions>(nameof(BackendRefs), BackendRefOptions.Read) ?? options.BackendRefs;
        reader.Section(nameof(Timeouts), options.Timeouts, RouteTimeoutsOptions.Read);
        var retry = options.Retry ?? new RouteRetryOptions();
        if (reader.Section(nameof(Retry), retry, RouteRetryOptions.Read))
        {
            options.Retry = retry;
        }

        options.SessionPersistence = reader.SectionOrNull(nameof(SessionPersistence), options.SessionPersistence, SessionPersistenceOptions.Read);
        options.Hedging = reader.SectionOrNull(nameof(Hedging), options.Hedging, RouteHedgingOptions.Read);
    }
}
