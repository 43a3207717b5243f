using Mesh.Configuration;
using Mesh.Gateway.Access;
using Mesh.Gateway.Auth.Tokens;
using Mesh.Gateway.Caching;
using Mesh.Gateway.Consumers;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Https;
using Mesh.Gateway.Listeners;
using Mesh.Gateway.Maintenance;
using Mesh.Gateway.Pages;
using Mesh.Gateway.Login;
using Mesh.Gateway.Manifests;
using Mesh.Gateway.Usage;
using Mesh.Routing;
using Mesh.Routing.Auth;
using Mesh.Routing.Grpc;

namespace Mesh.Gateway.Routing;

/// <summary>Settings of the gateway: section <c>Mesh:Gateway</c>.</summary>
public sealed class MeshGatewayOptions
{
    /// <summary>The routes by name; shape and meaning of a Gateway API <c>HTTPRoute</c> spec.</summary>
    /// <value>Default: empty, which answers 404 to everything.</value>
    public IDictionary<string, RouteOptions> Routes { get; } = new Dictionary<string, RouteOptions>(StringComparer.Ordinal);

    /// <summary>The routes for gRPC calls by name; shape and meaning of a Gateway API <c>GRPCRoute</c> spec. They are asked before <see cref="Routes"/>.</summary>
    /// <value>Default: empty.</value>
    public IDictionary<string, GrpcRouteOptions> GrpcRoutes { get; } = new Dictionary<string, GrpcRouteOptions>(StringComparer.Ordinal);

    /// <summary>The listeners by name: groups of routes by host and port, isolated from each other.</summary>
    /// <value>Default: empty: all routes take requests from everywhere.</value>
    public IDictionary<string, GatewayListenerOptions> Listeners { get; } = new Dictionary<string, GatewayListenerOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Routes and listeners in the YAML files of the Gateway API, beside those here.</summary>
    public ManifestOptions Manifests { get; } = new();

    /// <summary>The hosts the gateway answers for, exact or all below a domain (<c>*.shop.example</c>); others get 421. The port does not count.</summary>
    /// <value>Default: empty, which is every host.</value>
    public List<string> Hosts { get; set; } = [];

    /// <summary>From which addresses requests may come.</summary>
    public AccessOptions Access { get; } = new();

    /// <summary>How callers are led to TLS and kept there.</summary>
    public HttpsOptions Https { get; } = new();

    /// <summary>What people see of refusals.</summary>
    public ErrorPagesOptions ErrorPages { get; } = new();

    /// <summary>What is closed for the time being.</summary>
    public MaintenanceOptions Maintenance { get; } = new();

    /// <summary>What services are told about the certificate of a caller.</summary>
    /// <value>Default <see cref="Forwarding.ForwardClientCertificate.Sanitize"/>.</value>
    public ForwardClientCertificate ForwardClientCertificate { get; set; }

    /// <summary>What rules without a filter <c>Auth</c> of their own ask of callers.</summary>
    /// <value>Default <see langword="null"/>: nothing, and the authorization documents of the server decide alone.</value>
    public RouteAuthOptions? Auth { get; set; }

    /// <summary>The tokens in which backends are told who a caller is, for rules with <c>ForwardToken</c>.</summary>
    /// <value>Default <see langword="null"/>: there are none.</value>
    public InternalTokenOptions? InternalToken { get; set; }

    /// <summary>How users log in with a browser, for <c>AddMeshLogin()</c>.</summary>
    /// <value>Default <see langword="null"/>: they do not.</value>
    public LoginOptions? Login { get; set; }

    /// <summary>
    /// The keys that seal what callers keep of their sessions with endpoints (<c>SessionPersistence</c> of rules), as base64 of
    /// 32 bytes; up to 4. The first seals and all of them open: put a new one first. Gateways with the same keys share sessions.
    /// </summary>
    /// <value>Default: empty: a key of this process, so that sessions end with it.</value>
    public List<string> SessionKeys { get; set; } = [];

    /// <summary>Who uses the gateway under which plan, by name.</summary>
    /// <value>Default: empty.</value>
    public IDictionary<string, ConsumerOptions> Consumers { get; } = new Dictionary<string, ConsumerOptions>(StringComparer.Ordinal);

    /// <summary>What consumers may do, and how much of it, by name. As soon as there is one, every request that a route takes needs one.</summary>
    /// <value>Default: empty, and then everybody may use the gateway.</value>
    public IDictionary<string, PlanOptions> Plans { get; } = new Dictionary<string, PlanOptions>(StringComparer.Ordinal);

    /// <summary>The plan of those who proved who they are and are no consumer by name: each principal is a consumer of its own.</summary>
    /// <value>Default <see langword="null"/>: they are refused.</value>
    public string? DefaultPlan { get; set; }

    /// <summary>The plan of those who show nothing, told apart by their address.</summary>
    /// <value>Default <see langword="null"/>: they are refused.</value>
    public string? AnonymousPlan { get; set; }

    /// <summary>How much rules with a filter <c>Cache</c> may keep.</summary>
    public CacheStoreOptions Cache { get; } = new();

    /// <summary>Where quotas and usage are kept.</summary>
    public UsageOptions Usage { get; } = new();

    internal static void Read(ConfigurationReader reader, MeshGatewayOptions options)
    {
        reader.Map(nameof(Routes), options.Routes, RouteOptions.Read);
        reader.Map(nameof(GrpcRoutes), options.GrpcRoutes, GrpcRouteOptions.Read);
        reader.Map(nameof(Listeners), options.Listeners, GatewayListenerOptions.Read);
        reader.Section(nameof(Manifests), options.Manifests, ManifestOptions.Read);
        reader.Map(nameof(Consumers), options.Consumers, ConsumerOptions.Read);
        reader.Map(nameof(Plans), options.Plans, PlanOptions.Read);
        options.SessionKeys = reader.Texts(nameof(SessionKeys)) ?? options.SessionKeys;
        options.DefaultPlan = reader.Text(nameof(DefaultPlan)) ?? options.DefaultPlan;
        options.AnonymousPlan = reader.Text(nameof(AnonymousPlan)) ?? options.AnonymousPlan;
        reader.Section(nameof(Usage), options.Usage, UsageOptions.Read);
        reader.Section(nameof(Cache), options.Cache, CacheStoreOptions.Read);
        reader.Section(nameof(Access), options.Access, AccessOptions.Read);
        reader.Section(nameof(Https), options.Https, HttpsOptions.Read);
        reader.Section(nameof(ErrorPages), options.ErrorPages, ErrorPagesOptions.Read);
        reader.Section(nameof(Maintenance), options.Maintenance, MaintenanceOptions.Read);
        options.Hosts = reader.Texts(nameof(Hosts)) ?? options.Hosts;
        options.Auth = reader.SectionOrNull(nameof(Auth), options.Auth, RouteAuthOptions.Read);
        options.InternalToken = reader.SectionOrNull(nameof(InternalToken), options.InternalToken, InternalTokenOptions.Read);
        options.Login = reader.SectionOrNull(nameof(Login), options.Login, LoginOptions.Read);
        options.ForwardClientCertificate = reader.OneOf<ForwardClientCertificate>(nameof(ForwardClientCertificate)) ?? options.ForwardClientCertificate;
    }
}
