using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Gateway.Yarp;

/// <summary>Names the destinations of a YARP cluster as the endpoints of the service of its name, unless the configuration names some.</summary>
internal sealed class ClusterEndpointProvider(ServiceEndpointQuery query, MeshClusters clusters, IConfigurationSection services) : IServiceEndpointProvider
{
    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        // Before the look: a change in between is seen again, and not missed.
        endpoints.AddChangeToken(clusters.GetChangeToken());
        var configured = services.GetSection(query.ServiceName);
        endpoints.AddChangeToken(configured.GetReloadToken());
        if (endpoints.Endpoints.Count > 0 || configured.Exists())
        {
            return default;
        }

        foreach (var address in clusters.AddressesOf(query.ServiceName))
        {
            // The mesh asks for one scheme after the other, and takes what it is told to speak that.
            if (query.IncludedSchemes.Contains(new Uri(address).Scheme, StringComparer.OrdinalIgnoreCase) && ServiceEndpoint.TryParse(address, out var endpoint))
            {
                endpoint.Features.Set<IServiceEndpointProvider>(this);
                endpoints.Endpoints.Add(endpoint);
            }
        }

        return default;
    }

    public ValueTask DisposeAsync() => default;
}
