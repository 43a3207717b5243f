using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Gateway.Access;
using Mesh.Gateway.Auth.Tokens;
using Mesh.Gateway.Caching;
using Mesh.Gateway.Consumers;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Https;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Listeners;
using Mesh.Gateway.Maintenance;
using Mesh.Gateway.Pages;
using Mesh.Gateway.Login;
using Mesh.Gateway.Sessions;
using Mesh.Gateway.Usage;
using Mesh.Routing;
using Mesh.Routing.Auth;
using Mesh.Routing.Findings;
using Mesh.Routing.Listeners;

namespace Mesh.Gateway.Routing;

/// <summary>The policy of the gateway in force. Immutable.</summary>
/// <param name="Routes">The compiled routes.</param>
/// <param name="ForwardClientCertificate">What services are told about the certificate of a caller.</param>
internal sealed record GatewayPolicy(RouteTable Routes, ForwardClientCertificate ForwardClientCertificate)
{
    /// <summary>What rules ask of callers that say nothing about them; <see langword="null"/> for nothing.</summary>
    public RouteAuth? Auth { get; init; }

    /// <summary>Issues tokens for backends; <see langword="null"/> when there are none.</summary>
    public InternalTokens? Tokens { get; init; }

    /// <summary>How users log in; <see langword="null"/> when they do not.</summary>
    public LoginPolicy? Login { get; init; }

    /// <summary>The header fields that tell backends who a caller is, of all rules: nobody else may say such things.</summary>
    public FrozenSet<string> OwnFields { get; init; } = [];

    /// <summary>Where the requests of rules go.</summary>
    public FrozenDictionary<RouteBackend, Destination> Destinations { get; init; } = FrozenDictionary<RouteBackend, Destination>.Empty;

    /// <summary>Seals what callers keep of their sessions.</summary>
    public SessionSeal SessionSeal { get; init; } = new([]);

    /// <summary>The hosts that are served; <see langword="null"/> for all.</summary>
    public HostList? Hosts { get; init; }

    /// <summary>From which addresses requests may come; <see langword="null"/> for everywhere.</summary>
    public AccessPolicy? Access { get; init; }

    /// <summary>How callers are led to TLS; <see langword="null"/> when they are not.</summary>
    public HttpsPolicy? Https { get; init; }

    /// <summary>What people see of refusals; <see langword="null"/> for what programs get.</summary>
    public ErrorPages? Pages { get; init; }

    /// <summary>What is closed for the time being; <see langword="null"/> for nothing.</summary>
    public MaintenancePolicy? Maintenance { get; init; }

    /// <summary>The listeners; <see langword="null"/> when there are none and every request may have every route.</summary>
    public ListenerSet? Listeners { get; init; }

    /// <summary>Who may use the routes; <see langword="null"/> for everybody.</summary>
    public ConsumerPolicy? Consumers { get; init; }

    /// <summary>How much responses may take; <see langword="null"/> when no rule keeps any.</summary>
    public CacheLimits? Cache { get; init; }

    /// <summary>What is valid and probably not meant so.</summary>
    public ImmutableArray<RouteFinding> Findings { get; init; } = [];

    /// <summary>Where quotas and usage are kept.</summary>
    public UsageOptions Usage { get; init; } = new();

    /// <summary>Validates and compiles options.</summary>
    public static GatewayPolicy Compile(MeshGatewayOptions options, string path, ConfigurationErrors errors, FaultGuard faults)
    {
        var routes = RouteTable.Compile(
            options.Routes, $"{path}:{nameof(options.Routes)}", options.GrpcRoutes, $"{path}:{nameof(options.GrpcRoutes)}", errors);
        CheckParents(options, path, errors);
        faults.Check(routes, errors);
        var names = routes.Rules.Select(static rule => rule.RouteName).ToHashSet(StringComparer.Ordinal);
        ConsumerValidation.Validate(options, path, names, errors);
        var auth = options.Auth is null ? null : RouteAuth.Compile(options.Auth, $"{path}:{nameof(options.Auth)}", errors);
        CheckTokens(routes, auth, options, path, errors);
        return new GatewayPolicy(routes, options.ForwardClientCertificate)
        {
            Listeners = ListenerSet.Compile(options.Listeners, routes, $"{path}:{nameof(options.Listeners)}", errors),
            Auth = auth,
            SessionSeal = SessionSeal.Compile(options.SessionKeys, $"{path}:{nameof(options.SessionKeys)}", errors),
            Destinations = routes.Rules
                .SelectMany(static rule => rule.Backends, static (rule, backend) => new Destination(rule, backend))
                .ToFrozenDictionary(static destination => destination.Choice.Backend),
            OwnFields = routes.Rules.Select(static rule => rule.Auth).Append(auth)
                .SelectMany(FieldsOf)
                .ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Hosts = HostList.Compile(options.Hosts, $"{path}:{nameof(options.Hosts)}", errors),
            Pages = ErrorPages.Compile(options.ErrorPages, $"{path}:{nameof(options.ErrorPages)}", errors),
            Maintenance = MaintenancePolicy.Compile(options.Maintenance, $"{path}:{nameof(options.Maintenance)}", names, errors),
            Https = HttpsPolicy.Compile(options.Https, $"{path}:{nameof(options.Https)}", errors),
            Access = AccessPolicy.Compile(options.Access, $"{path}:{nameof(options.Access)}", names, errors),
            Usage = options.Usage,
            Cache = CacheLimits.Compile(options.Cache, routes, $"{path}:{nameof(options.Cache)}", errors),
        };
    }

    // Authorization is the gateway's own only where a rule puts a token there; elsewhere it is the backend's affair.
    private static IEnumerable<string> FieldsOf(RouteAuth? auth) => auth is null
        ? []
        : auth.Fields.Select(static field => field.Header).Concat(auth.Token is { IsBearer: false } token ? [token.Header] : []);

    private static void CheckTokens(RouteTable routes, RouteAuth? auth, MeshGatewayOptions options, string path, ConfigurationErrors errors)
    {
        if (options.InternalToken is null && routes.Rules.Select(static rule => rule.Auth).Append(auth).Any(static rule => rule?.Token is not null))
        {
            errors.Add($"{path}:{nameof(options.InternalToken)}", "a rule has ForwardToken: say here who issues tokens, and with which key.");
        }
    }

    private static void CheckParents(MeshGatewayOptions options, string path, ConfigurationErrors errors)
    {
        if (options.Listeners.Count == 0)
        {
            return;
        }

        foreach (var (name, route) in options.Routes)
        {
            CheckParents(route.ParentRefs, options, $"{route.Source ?? $"{path}:{nameof(options.Routes)}:{name}"}:{nameof(route.ParentRefs)}", errors);
        }

        foreach (var (name, route) in options.GrpcRoutes)
        {
            CheckParents(route.ParentRefs, options, $"{route.Source ?? $"{path}:{nameof(options.GrpcRoutes)}:{name}"}:{nameof(route.ParentRefs)}", errors);
        }
    }

    private static void CheckParents(List<ParentRefOptions> parents, MeshGatewayOptions options, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < parents.Count; i++)
        {
            if (parents[i].SectionName is { } listener && !options.Listeners.ContainsKey(listener))
            {
                errors.Add($"{path}:{i}:{nameof(ParentRefOptions.SectionName)}", listener, $"one of the listeners, {string.Join(", ", options.Listeners.Keys)}");
            }
        }
    }
}
