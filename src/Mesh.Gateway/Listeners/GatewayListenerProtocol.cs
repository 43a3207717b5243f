namespace Mesh.Gateway.Listeners;

/// <summary>What is spoken at a listener.</summary>
public enum GatewayListenerProtocol
{
    /// <summary>HTTP without TLS.</summary>
    HTTP,

    /// <summary>HTTP over TLS.</summary>
    HTTPS,
}
