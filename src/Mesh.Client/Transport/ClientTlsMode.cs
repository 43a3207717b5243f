namespace Mesh.Client.Transport;

/// <summary>How a TLS connection to a service is verified.</summary>
public enum ClientTlsMode
{
    /// <summary>Both sides present an X.509-SVID; the service's ID must be an allowed one. Host names play no part.</summary>
    Mutual,

    /// <summary>Ordinary TLS: the service's certificate must be valid for its host name by the system's roots; no client certificate.</summary>
    Server,
}
