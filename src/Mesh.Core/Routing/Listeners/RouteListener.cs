namespace Mesh.Routing.Listeners;

/// <summary>One of the doors of a gateway, as routes see it.</summary>
/// <param name="Name">Its name, which <c>ParentRefs</c> of routes call <c>SectionName</c>.</param>
/// <param name="Hostname">The host it is for: exact, all below a domain (<c>*.shop.example</c>), or <see langword="null"/> for every one.</param>
/// <param name="Port">Its port, or <see langword="null"/> for every one.</param>
public sealed record RouteListener(string Name, string? Hostname, int? Port)
{
    /// <summary>The host names that a route has in common with the listener, as HTTPRoute's <c>hostnames</c> are defined.</summary>
    /// <returns>Empty for every host, <see langword="null"/> when they have none in common and the route is not attached.</returns>
    internal IReadOnlyList<string>? Intersect(IReadOnlyList<string> hostnames)
    {
        if (Hostname is null)
        {
            return hostnames;
        }

        if (hostnames.Count == 0)
        {
            return [Hostname];
        }

        List<string> common = [];
        foreach (var hostname in hostnames)
        {
            if (Covers(Hostname, hostname))
            {
                common.Add(hostname);
            }
            else if (Covers(hostname, Hostname))
            {
                common.Add(Hostname);
            }
        }

        return common.Count == 0 ? null : common;
    }

    // "*.example.com" covers "a.example.com", "a.b.example.com" and "*.a.example.com", and not "example.com".
    private static bool Covers(string pattern, string hostname) =>
        string.Equals(pattern, hostname, StringComparison.OrdinalIgnoreCase)
        || (pattern.StartsWith("*.", StringComparison.Ordinal)
            && hostname.Length > pattern.Length - 1
            && hostname.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            && !hostname.Equals(pattern, StringComparison.OrdinalIgnoreCase));
}
