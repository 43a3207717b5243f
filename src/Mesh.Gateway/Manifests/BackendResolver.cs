using System.Collections.Immutable;
using Mesh.Gateway.Manifests.Objects;
using Mesh.Routing;
using Mesh.Routing.Findings;

namespace Mesh.Gateway.Manifests;

/// <summary>
/// Finds the services that rules refer to: in the namespace of the route unless they say another, and there only where a
/// ReferenceGrant allows it. What may not be referred to is answered 500, as the Gateway API has it.
/// </summary>
internal sealed class BackendResolver(string ownNamespace, IReadOnlyList<ReferenceGrant> grants, ImmutableArray<RouteFinding>.Builder findings)
{
    public void Resolve(ManifestObject route, int rule, List<BackendRefOptions> backends, List<RouteFilterOptions> filters)
    {
        var path = $"{route.Document.Section.Path}:Rules:{rule}";
        for (var i = 0; i < backends.Count; i++)
        {
            Resolve(route, backends[i], $"{path}:BackendRefs:{i}");
        }

        for (var i = 0; i < filters.Count; i++)
        {
            if (filters[i].RequestMirror?.BackendRef is { } mirror)
            {
                Resolve(route, mirror, $"{path}:Filters:{i}:RequestMirror:BackendRef");
            }
        }
    }

    private void Resolve(ManifestObject route, BackendRefOptions backend, string path)
    {
        var ns = backend.Namespace ?? route.Namespace;
        if (ns != route.Namespace && !grants.Any(grant => grant.Allows(route, ns, backend.Name)))
        {
            backend.Unresolved = $"no ReferenceGrant in '{ns}' lets a {route.Kind} of '{route.Namespace}' refer to '{backend.Name}'";
            findings.Add(new RouteFinding(RouteFindingKind.UnresolvedBackend, path, null, $"{backend.Unresolved}: this share of the requests is answered 500."));
        }

        // A service of one's own namespace is called by its name alone everywhere.
        backend.Namespace = ns == ownNamespace ? null : ns;
    }
}
