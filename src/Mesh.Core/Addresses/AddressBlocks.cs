using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mesh.Configuration;

namespace Mesh.Addresses;

/// <summary>
/// A set of addresses, written as blocks (<c>10.0.0.0/8</c>, <c>2001:db8::/32</c>) and single addresses. An IPv4 address in
/// IPv6 form is an IPv4 address. Immutable.
/// </summary>
/// <remarks>Blocks are merged into ranges without overlap and searched by bisection, so that a list of 100,000 costs no more than one of ten.</remarks>
public sealed class AddressBlocks
{
    /// <summary>What a text must look like, in the words of an error.</summary>
    internal const string Allowed = "an address or a block whose host bits are 0, as '10.0.0.0/8' or '2001:db8::/32'";

    private const int Version4Bits = 32;
    private const int MappedBits = 96;

    private readonly Range[] _version4;
    private readonly Range[] _version6;

    private AddressBlocks(List<IPNetwork> blocks)
    {
        _version4 = Merge(blocks.Where(static block => block.BaseAddress.AddressFamily == AddressFamily.InterNetwork));
        _version6 = Merge(blocks.Where(static block => block.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6));
    }

    /// <summary>Reads a list, and adds what is wrong with it to <paramref name="errors"/>.</summary>
    /// <param name="texts">The blocks and addresses.</param>
    /// <param name="path">The path of the list, for errors.</param>
    /// <param name="errors">Takes what cannot be read.</param>
    /// <returns><see langword="null"/> when the list is empty.</returns>
    public static AddressBlocks? Compile(IReadOnlyList<string> texts, string path, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(errors);
        List<IPNetwork> blocks = [];
        for (var i = 0; i < texts.Count; i++)
        {
            if (TryParse(texts[i], out var block))
            {
                blocks.Add(block);
            }
            else
            {
                errors.Add($"{path}:{i}", texts[i], Allowed);
            }
        }

        return texts.Count == 0 ? null : new AddressBlocks(blocks);
    }

    /// <summary>Whether an address is in one of the blocks; no address (a Unix domain socket's) never is.</summary>
    public bool Contains(IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        var (value, isVersion4) = Number(address);
        var ranges = isVersion4 ? _version4 : _version6;
        var low = 0;
        var high = ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (value < ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (value > ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    // The framework's parser takes "10" for 0.0.0.10 and clears host bits: whoever wrote them meant something else.
    internal static bool TryParse(string text, out IPNetwork block)
    {
        block = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var written = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(written, out var address)
            || (address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() != written : address.ScopeId != 0))
        {
            return false;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? Version4Bits : MappedBits + Version4Bits;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            return false;
        }

        block = new IPNetwork(address, length);
        if (!block.BaseAddress.Equals(address))
        {
            return false;
        }

        // Addresses arrive as IPv4, so this block would never match anything.
        block = address.IsIPv4MappedToIPv6 && length >= MappedBits ? new IPNetwork(address.MapToIPv4(), length - MappedBits) : block;
        return true;
    }

    private static Range[] Merge(IEnumerable<IPNetwork> blocks)
    {
        List<Range> merged = [];
        foreach (var range in blocks.Select(static block => RangeOf(block)).OrderBy(static range => range.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last)
            {
                merged[^1] = merged[^1] with { Last = UInt128.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return [.. merged];
    }

    private static Range RangeOf(IPNetwork block)
    {
        var (first, isVersion4) = Number(block.BaseAddress);
        var hostBits = (isVersion4 ? Version4Bits : MappedBits + Version4Bits) - block.PrefixLength;
        var size = hostBits == MappedBits + Version4Bits ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
        return new Range(first, first + size);
    }

    private static (UInt128 Value, bool IsVersion4) Number(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var length);
        return length == 4
            ? (BinaryPrimitives.ReadUInt32BigEndian(octets), true)
            : address.IsIPv4MappedToIPv6
                ? (BinaryPrimitives.ReadUInt32BigEndian(octets[12..]), true)
                : (BinaryPrimitives.ReadUInt128BigEndian(octets), false);
    }

    private readonly record struct Range(UInt128 First, UInt128 Last);
}
