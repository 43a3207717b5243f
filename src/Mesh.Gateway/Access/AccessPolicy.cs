using System.Collections.Frozen;
using System.Net;
using Mesh.Configuration;

namespace Mesh.Gateway.Access;

/// <summary>From which addresses requests may come, to the gateway and to its routes. Immutable.</summary>
internal sealed class AccessPolicy
{
    private readonly AccessList? _gateway;
    private readonly FrozenDictionary<string, AccessList>? _routes;

    private AccessPolicy(AccessList? gateway, FrozenDictionary<string, AccessList>? routes)
    {
        _gateway = gateway;
        _routes = routes;
    }

    /// <returns><see langword="null"/> when everybody may come.</returns>
    public static AccessPolicy? Compile(AccessOptions options, string path, HashSet<string> routes, ConfigurationErrors errors)
    {
        Dictionary<string, AccessList> lists = [];
        foreach (var (name, list) in options.Routes)
        {
            var routePath = $"{path}:{nameof(options.Routes)}:{name}";
            if (!routes.Contains(name))
            {
                errors.Add(routePath, name, "the name of a route");
            }

            if (AccessList.Compile(list.Allow, list.Deny, routePath, errors) is { } compiled)
            {
                lists[name] = compiled;
            }
        }

        var gateway = AccessList.Compile(options.Allow, options.Deny, path, errors);
        return gateway is null && lists.Count == 0 ? null : new AccessPolicy(gateway, lists.Count == 0 ? null : lists.ToFrozenDictionary(StringComparer.Ordinal));
    }

    public bool Permits(IPAddress? address) => _gateway is null || _gateway.Permits(address);

    public bool Permits(IPAddress? address, string route) => _routes is null || !_routes.TryGetValue(route, out var list) || list.Permits(address);
}
