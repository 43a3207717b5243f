using Mesh.Routing;
using Mesh.Routing.Listeners;

namespace Mesh.Gateway.Listeners;

/// <summary>A compiled listener with the routes that hang on it. Immutable.</summary>
/// <param name="Definition">Name, host and port.</param>
/// <param name="Protocol">Whether its connections have TLS; <see langword="null"/> for either.</param>
/// <param name="Routes">Its routes.</param>
internal sealed record GatewayListener(RouteListener Definition, GatewayListenerProtocol? Protocol, RouteTable Routes) : IComparable<GatewayListener>
{
    private readonly string _suffix = Definition.Hostname is ['*', ..] wildcard ? wildcard[1..] : "";

    /// <summary>Whether a connection comes in by it, whatever the host.</summary>
    public bool Takes(int port, bool isTls) =>
        (Definition.Port is null || Definition.Port == port) && (Protocol is null || (Protocol == GatewayListenerProtocol.HTTPS) == isTls);

    /// <param name="host">A host name without a port.</param>
    public bool IsFor(ReadOnlySpan<char> host) => Definition.Hostname is not { } hostname
        || (_suffix.Length == 0 ? host.Equals(hostname, StringComparison.OrdinalIgnoreCase) : host.Length > _suffix.Length && host.EndsWith(_suffix, StringComparison.OrdinalIgnoreCase));

    /// <summary>The more specific comes first: exact hosts, wildcards from the longest to the shortest, every host; then one with a port, one with a protocol.</summary>
    public int CompareTo(GatewayListener? other)
    {
        if (other is null)
        {
            return -1;
        }

        var order = HostRank(other).CompareTo(HostRank(this));
        order = order != 0 ? order : (Definition.Port is null).CompareTo(other.Definition.Port is null);
        order = order != 0 ? order : (Protocol is null).CompareTo(other.Protocol is null);
        return order != 0 ? order : string.CompareOrdinal(Definition.Name, other.Definition.Name);
    }

    private static int HostRank(GatewayListener listener) => listener.Definition.Hostname switch
    {
        null => -1,
        ['*', ..] wildcard => wildcard.Length,
        _ => int.MaxValue,
    };
}
