using System.Collections.Frozen;
using Mesh.Configuration;

namespace Mesh.Gateway.Hygiene;

/// <summary>The hosts a gateway answers for: exact ones, and all below a domain. Ports do not count. Immutable.</summary>
internal sealed class HostList
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _domains;

    private HostList(IReadOnlyList<string> hosts)
    {
        _exact = hosts.Where(static host => host[0] != '*').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _domains = hosts.Where(static host => host[0] == '*').Select(static host => host[2..]).ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <returns><see langword="null"/> when every host is served.</returns>
    public static HostList? Compile(IReadOnlyList<string> hosts, string path, ConfigurationErrors errors)
    {
        var areSound = true;
        for (var i = 0; i < hosts.Count; i++)
        {
            var name = hosts[i].StartsWith("*.", StringComparison.Ordinal) ? hosts[i][2..] : hosts[i];
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
            {
                areSound = false;
                errors.Add($"{path}:{i}", hosts[i], "a host without a port, such as 'shop.example' or '*.shop.example'");
            }
        }

        return areSound && hosts.Count > 0 ? new HostList(hosts) : null;
    }

    /// <param name="authority">Host and, perhaps, port.</param>
    public bool Contains(ReadOnlySpan<char> authority)
    {
        var host = WithoutPort(authority);
        if (_exact.Contains(host))
        {
            return true;
        }

        for (var dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            host = host[(dot + 1)..];
            if (_domains.Contains(host))
            {
                return true;
            }
        }

        return false;
    }

    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> authority)
    {
        if (authority is ['[', ..] && authority.IndexOf(']') is > 0 and var bracket)
        {
            return authority[1..bracket];
        }

        var colon = authority.IndexOf(':');
        var host = colon < 0 ? authority : authority[..colon];

        // With the dot of the root it is the same name.
        return host is [.., '.'] ? host[..^1] : host;
    }
}
