using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Gateway.Consumers;

/// <summary>How those are told apart who show nothing.</summary>
internal static class ClientAddress
{
    // Of a connection without an address, such as a Unix domain socket.
    private const string Nowhere = "local";

    /// <summary>An IPv4 address, or the /64 of an IPv6 address: that is what one subscriber is given, with all the addresses in it.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address?.ToString() ?? Nowhere;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        return string.Create(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt64BigEndian(octets):x16}/64");
    }
}
