using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Mesh.Authorization;
using Mesh.Limits;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.RateLimits;

/// <summary>Whom a limit counts a request for.</summary>
internal static class CallerKey
{
    private const string Everybody = "*";

    // No value of a field, a claim or a name is empty: whoever leaves it out shares one bucket with all who do.
    private const string Nobody = "";

    // Of a connection without an address, such as a Unix domain socket.
    private const string Nowhere = "local";

    /// <param name="http">The request.</param>
    /// <param name="request">What is known about who sent it.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="path">The one of the limit's paths that takes the request, or <see langword="null"/> when it has none.</param>
    public static string Of(HttpContext http, MeshRequest request, RequestLimit limit, string? path) => limit.Partition switch
    {
        // The most specific thing that was proved: the person, else the service, else the place.
        RateLimitPartition.Principal => request.RequestPrincipal ?? request.Peer?.ToString() ?? AddressOf(http.Connection.RemoteIpAddress),
        RateLimitPartition.Ip => AddressOf(http.Connection.RemoteIpAddress),
        RateLimitPartition.Peer => request.Peer?.ToString() ?? Nobody,
        RateLimitPartition.Consumer => request.Consumer ?? Nobody,
        RateLimitPartition.Header => HeaderOf(http, limit.Source!),
        RateLimitPartition.Claim => ClaimOf(request, limit),
        RateLimitPartition.Route => path ?? Everybody,
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

    // Several lines are one list (RFC 9110, 5.3), so that their order and number open no further bucket than their text does.
    private static string HeaderOf(HttpContext http, string name) => http.Request.Headers[name].ToString();

    private static string ClaimOf(MeshRequest request, RequestLimit limit)
    {
        var values = ((IAuthorizationAttributes)request).Claims is { } claims ? claims.Find(limit.ClaimPath) : default;
        return values.Length switch
        {
            0 => Nobody,
            1 => values[0],
            _ => string.Join(',', values),
        };
    }
}
