using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Hygiene;
using Mesh.Routing;

namespace Mesh.Gateway.Routing;

/// <summary>The policy of the gateway in force. Immutable.</summary>
/// <param name="Routes">The compiled routes.</param>
/// <param name="ForwardClientCertificate">What services are told about the certificate of a caller.</param>
internal sealed record GatewayPolicy(RouteTable Routes, ForwardClientCertificate ForwardClientCertificate)
{
    /// <summary>The hosts that are served; <see langword="null"/> for all.</summary>
    public HostList? Hosts { get; init; }

    /// <summary>Validates and compiles options.</summary>
    public static GatewayPolicy Compile(MeshGatewayOptions options, string path, ConfigurationErrors errors, FaultGuard faults)
    {
        var routes = RouteTable.Compile(options.Routes, $"{path}:{nameof(options.Routes)}", errors);
        faults.Check(routes, errors);
        return new GatewayPolicy(routes, options.ForwardClientCertificate)
        {
            Hosts = HostList.Compile(options.Hosts, $"{path}:{nameof(options.Hosts)}", errors),
        };
    }
}
