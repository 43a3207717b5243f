using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Mesh.Limits;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.RateLimits;

/// <summary>Whom a limit counts a request for.</summary>
internal static class CallerKey
{
    private const string Everybody = "*";

    // Of a connection without an address, such as a Unix domain socket.
    private const string Nowhere = "local";

    public static string Of(HttpContext http, MeshRequest request, RateLimitPartition partition) => partition switch
    {
        // The most specific thing that was proved: the person, else the service, else the place.
        RateLimitPartition.Principal => request.RequestPrincipal ?? request.Peer?.ToString() ?? AddressOf(http.Connection.RemoteIpAddress),
        RateLimitPartition.Ip => AddressOf(http.Connection.RemoteIpAddress),
        _ => Everybody,
    };

    /// <summary>An IPv4 address, or the /64 of an IPv6 address: that is what one subscriber is given, with all the addresses in it.</summary>
    public static string AddressOf(IPAddress? address)
    {
        if (address is null)
        {
            return Nowhere;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        return $"{BinaryPrimitives.ReadUInt64BigEndian(octets):x16}/64";
    }
}
