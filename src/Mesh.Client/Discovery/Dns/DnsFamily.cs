namespace Mesh.Client.Discovery.Dns;

/// <summary>Which addresses of a host are endpoints.</summary>
public enum DnsFamily
{
    /// <summary>Its IPv4 addresses; those of IPv6 where it has no other.</summary>
    PreferIPv4,

    /// <summary>Its IPv6 addresses; those of IPv4 where it has no other.</summary>
    PreferIPv6,

    /// <summary>All of them. A replica with one of each counts as two endpoints.</summary>
    All,
}
