namespace Mesh.Authorization;

/// <summary>A host name in any case, and a port only where the policy names one.</summary>
internal sealed class HostPattern : TextPattern
{
    private readonly WildcardPattern _name;
    private readonly WildcardPattern? _port;

    private HostPattern(WildcardPattern name, WildcardPattern? port)
    {
        _name = name;
        _port = port;
    }

    /// <summary>Compiles a value; <see langword="null"/> when its name or its port is not a wildcard pattern.</summary>
    public static HostPattern? Parse(string value)
    {
        var colon = PortColon(value);
        if (colon < 0)
        {
            return WildcardPattern.Parse(value, StringComparison.OrdinalIgnoreCase) is { } nameOnly ? new(nameOnly, null) : null;
        }

        var name = WildcardPattern.Parse(value[..colon], StringComparison.OrdinalIgnoreCase);
        var port = WildcardPattern.Parse(value[(colon + 1)..], StringComparison.Ordinal);
        return name is null || port is null ? null : new(name, port);
    }

    public override bool Matches(ReadOnlySpan<char> attribute)
    {
        var colon = PortColon(attribute);
        var name = colon < 0 ? attribute : attribute[..colon];
        // The root's own dot is not part of the name: "shop.example." is the same host.
        if (name is [.., '.'])
        {
            name = name[..^1];
        }

        return !name.IsEmpty
            && _name.Matches(name)
            && (_port is null || (colon >= 0 && colon + 1 < attribute.Length && _port.Matches(attribute[(colon + 1)..])));
    }

    // An IPv6 address has its colons inside of brackets.
    private static int PortColon(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? colon : -1;
    }
}
