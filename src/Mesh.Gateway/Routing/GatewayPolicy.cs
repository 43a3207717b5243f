using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Gateway.Consumers;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Usage;
using Mesh.Routing;

namespace Mesh.Gateway.Routing;

/// <summary>The policy of the gateway in force. Immutable.</summary>
/// <param name="Routes">The compiled routes.</param>
/// <param name="ForwardClientCertificate">What services are told about the certificate of a caller.</param>
internal sealed record GatewayPolicy(RouteTable Routes, ForwardClientCertificate ForwardClientCertificate)
{
    /// <summary>The hosts that are served; <see langword="null"/> for all.</summary>
    public HostList? Hosts { get; init; }

    /// <summary>Who may use the routes; <see langword="null"/> for everybody.</summary>
    public ConsumerPolicy? Consumers { get; init; }

    /// <summary>Where quotas and usage are kept.</summary>
    public UsageOptions Usage { get; init; } = new();

    /// <summary>Validates and compiles options.</summary>
    public static GatewayPolicy Compile(MeshGatewayOptions options, string path, ConfigurationErrors errors, FaultGuard faults)
    {
        var routes = RouteTable.Compile(options.Routes, $"{path}:{nameof(options.Routes)}", errors);
        faults.Check(routes, errors);
        ConsumerValidation.Validate(options, path, routes.Rules.Select(static rule => rule.RouteName).ToHashSet(StringComparer.Ordinal), errors);
        return new GatewayPolicy(routes, options.ForwardClientCertificate)
        {
            Hosts = HostList.Compile(options.Hosts, $"{path}:{nameof(options.Hosts)}", errors),
            Usage = options.Usage,
        };
    }
}
