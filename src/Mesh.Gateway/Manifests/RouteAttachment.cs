using System.Collections.Immutable;
using Mesh.Configuration;
using Mesh.Gateway.Manifests.Objects;
using Mesh.Routing.Findings;
using Mesh.Routing.Listeners;

namespace Mesh.Gateway.Manifests;

/// <summary>Decides which listeners a route of a manifest hangs on.</summary>
internal sealed class RouteAttachment(GatewayObject? gateway, ManifestOptions manifests, ImmutableArray<RouteFinding>.Builder findings)
{
    /// <returns>Empty for all listeners; <see langword="null"/> when the route hangs on none, and is another gateway's.</returns>
    public List<ParentRefOptions>? Find(ManifestObject route, List<ParentRef> parents, ConfigurationErrors errors)
    {
        var path = $"{route.Document.Section.Path}:ParentRefs";
        if (gateway is null)
        {
            return parents.ConvertAll(parent => parent.ToOptions(manifests));
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        var isOurs = false;
        for (var i = 0; i < parents.Count; i++)
        {
            var parent = parents[i];
            if (parent.Name != gateway.Self.Name || (parent.Namespace ?? route.Namespace) != gateway.Self.Namespace)
            {
                continue;
            }

            isOurs = true;
            var named = gateway.Listeners.Where(parent.Names).ToList();
            if (named.Count == 0)
            {
                errors.Add($"{path}:{i}", $"the Gateway '{gateway.Self.FullName}' has no such listener; it has {string.Join(", ", gateway.Listeners.Select(static listener => listener.Name))}.");
            }

            names.UnionWith(named.Where(listener => listener.Allows(route, gateway.Self.Namespace)).Select(static listener => listener.Name!));
        }

        if (names.Count == 0)
        {
            findings.Add(new RouteFinding(RouteFindingKind.NotAttached, path, null, isOurs
                ? $"the listeners of '{gateway.Self.FullName}' do not allow a {route.Kind} of the namespace '{route.Namespace}'."
                : $"the route hangs on other gateways than '{gateway.Self.FullName}'."));
            return null;
        }

        return names.Count == gateway.Listeners.Count ? [] : [.. names.Select(static name => new ParentRefOptions { SectionName = name })];
    }
}
