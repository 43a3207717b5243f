namespace Mesh.Client.Discovery.Dns;

/// <summary>Which records name the endpoints of a service.</summary>
public enum DnsRecords
{
    /// <summary>A and AAAA: one endpoint for each address. The port is that of the configuration, or the scheme's own.</summary>
    Address,

    /// <summary>SRV: host, port, priority and weight of each endpoint (RFC 2782).</summary>
    Srv,
}
