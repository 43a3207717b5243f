namespace Mesh.Routing.Cors;

/// <summary>All origins below a domain.</summary>
/// <param name="Scheme">The beginning, <c>https://</c>.</param>
/// <param name="Suffix">The end from the dot on, with the port where there is one.</param>
internal readonly record struct OriginPattern(string Scheme, string Suffix)
{
    public static OriginPattern Parse(string origin)
    {
        var star = origin.IndexOf('*', StringComparison.Ordinal);
        return new OriginPattern(origin[..star], origin[(star + 1)..]);
    }

    public bool Holds(ReadOnlySpan<char> origin) =>
        origin.Length > Scheme.Length + Suffix.Length
        && origin.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && origin.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
        && RouteSyntax.IsPreciseHostname(origin[Scheme.Length..^Suffix.Length]);
}
