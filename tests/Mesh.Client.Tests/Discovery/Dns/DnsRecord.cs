using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Mesh.Client.Tests.Discovery.Dns;

/// <summary>A resource record of RFC 1035, as a server writes it.</summary>
internal sealed record DnsRecord(string Name, ushort Type, uint Ttl, byte[] Data)
{
    public const ushort A = 1, Cname = 5, Soa = 6, Aaaa = 28, Srv = 33;

    public static DnsRecord Address(string name, string address, uint ttl = 30)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return new DnsRecord(name, bytes.Length == 4 ? A : Aaaa, ttl, bytes);
    }

    public static DnsRecord Alias(string name, string target, uint ttl = 30) => new(name, Cname, ttl, Encode(target));

    public static DnsRecord Service(string name, ushort priority, ushort weight, ushort port, string target, uint ttl = 30)
    {
        var data = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(data, priority);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), weight);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), port);
        return new DnsRecord(name, Srv, ttl, [.. data, .. Encode(target)]);
    }

    public static DnsRecord Authority(string zone, uint ttl, uint minimum)
    {
        var numbers = new byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(16), minimum);
        return new DnsRecord(zone, Soa, ttl, [.. Encode($"ns.{zone}"), .. Encode($"admin.{zone}"), .. numbers]);
    }

    /// <summary>A name without compression.</summary>
    public static byte[] Encode(string name)
    {
        List<byte> bytes = [];
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return [.. bytes];
    }
}
