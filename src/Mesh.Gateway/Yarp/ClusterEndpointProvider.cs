using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Gateway.Yarp;

/// <summary>Names the destinations of a YARP cluster as the endpoints of the service of its name, unless the configuration names some.</summary>
internal sealed class ClusterEndpointProvider(string service, MeshClusters clusters, IConfigurationSection services) : IServiceEndpointProvider
{
    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        // Before the look: a change in between is seen again, and not missed.
        endpoints.AddChangeToken(clusters.GetChangeToken());
        var configured = services.GetSection(service);
        endpoints.AddChangeToken(configured.GetReloadToken());
        if (endpoints.Endpoints.Count > 0 || configured.Exists())
        {
            return default;
        }

        foreach (var address in clusters.AddressesOf(service))
        {
            if (ServiceEndpoint.TryParse(address, out var endpoint))
            {
                endpoint.Features.Set<IServiceEndpointProvider>(this);
                endpoints.Endpoints.Add(endpoint);
            }
        }

        return default;
    }

    public ValueTask DisposeAsync() => default;
}
