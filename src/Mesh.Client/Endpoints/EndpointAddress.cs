using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Endpoints;

/// <summary>Where an endpoint is: the identity its health, counters and connections are kept under.</summary>
internal readonly record struct EndpointAddress(string Host, int Port)
{
    /// <summary>Reads what discovery found; <see langword="null"/> for kinds of addresses HTTP cannot be sent to.</summary>
    /// <param name="endpoint">What discovery found.</param>
    /// <param name="scheme">What it speaks.</param>
    /// <param name="port">The port where discovery names none; <see langword="null"/> for that of the scheme.</param>
    public static EndpointAddress? From(ServiceEndpoint endpoint, string scheme, int? port = null)
    {
        var defaultPort = port ?? (scheme == Uri.UriSchemeHttps ? 443 : 80);
        return endpoint.EndPoint switch
        {
            UriEndPoint uri => new EndpointAddress(uri.Uri.IdnHost, uri.Uri.Port > 0 ? uri.Uri.Port : defaultPort),
            DnsEndPoint dns => new EndpointAddress(dns.Host, dns.Port > 0 ? dns.Port : defaultPort),
            IPEndPoint ip => new EndpointAddress(ip.Address.ToString(), ip.Port > 0 ? ip.Port : defaultPort),
            _ => null,
        };
    }

    /// <summary>Whether nothing that is sent there leaves this machine.</summary>
    public bool IsLoopback => IPAddress.TryParse(Host.AsSpan().Trim("[]"), out var address)
        ? IPAddress.IsLoopback(address)
        : Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    public EndPoint ToEndPoint() => IPAddress.TryParse(Host.AsSpan().Trim("[]"), out var address)
        ? new IPEndPoint(address, Port)
        : new DnsEndPoint(Host, Port, AddressFamily.Unspecified);

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) && !Host.StartsWith('[')
        ? $"[{Host}]:{Port}"
        : $"{Host}:{Port}";
}
