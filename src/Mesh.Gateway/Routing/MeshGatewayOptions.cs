using Mesh.Configuration;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Listeners;
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

    /// <summary>The hosts the gateway answers for, exact or all below a domain (<c>*.shop.example</c>); others get 421. The port does not count.</summary>
    /// <value>Default: empty, which is every host.</value>
    public List<string> Hosts { get; set; } = [];

    /// <summary>What services are told about the certificate of a caller.</summary>
    /// <value>Default <see cref="Forwarding.ForwardClientCertificate.Sanitize"/>.</value>
    public ForwardClientCertificate ForwardClientCertificate { get; set; }

    /// <summary>What rules without a filter <c>Auth</c> of their own ask of callers.</summary>
    /// <value>Default <see langword="null"/>: nothing, and the authorization documents of the server decide alone.</value>
    public RouteAuthOptions? Auth { get; set; }

    internal static void Read(ConfigurationReader reader, MeshGatewayOptions options)
    {
        reader.Map(nameof(Routes), options.Routes, RouteOptions.Read);
        reader.Map(nameof(GrpcRoutes), options.GrpcRoutes, GrpcRouteOptions.Read);
        reader.Map(nameof(Listeners), options.Listeners, GatewayListenerOptions.Read);
        options.Hosts = reader.Texts(nameof(Hosts)) ?? options.Hosts;
        options.Auth = reader.SectionOrNull(nameof(Auth), options.Auth, RouteAuthOptions.Read);
        options.ForwardClientCertificate = reader.OneOf<ForwardClientCertificate>(nameof(ForwardClientCertificate)) ?? options.ForwardClientCertificate;
    }
}
