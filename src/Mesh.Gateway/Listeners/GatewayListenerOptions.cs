using Mesh.Configuration;

namespace Mesh.Gateway.Listeners;

/// <summary>One of the doors of the gateway: which requests come in by it. It opens no port: that is the web server's to do.</summary>
public sealed class GatewayListenerOptions
{
    /// <summary>The host it is for: exact, or all below a domain (<c>*.shop.example</c>).</summary>
    /// <value>Default: every host.</value>
    public string? Hostname { get; set; }

    /// <summary>The local port of its connections: 1 to 65,535.</summary>
    /// <value>Default: every port.</value>
    public int? Port { get; set; }

    /// <summary>Whether its connections have TLS.</summary>
    /// <value>Default: either.</value>
    public GatewayListenerProtocol? Protocol { get; set; }

    /// <summary>Where it was read, for messages; <see langword="null"/> for the section of the configuration under its name.</summary>
    internal string? Source { get; init; }

    internal static void Read(ConfigurationReader reader, GatewayListenerOptions options)
    {
        options.Hostname = reader.Text(nameof(Hostname)) ?? options.Hostname;
        options.Port = reader.Integer(nameof(Port)) ?? options.Port;
        options.Protocol = reader.OneOf<GatewayListenerProtocol>(nameof(Protocol)) ?? options.Protocol;
    }
}
