using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Gateway.Yarp;

/// <summary>Makes a <see cref="ClusterEndpointProvider"/> per service; a cluster of its name may come later.</summary>
internal sealed class ClusterEndpointProviderFactory(MeshClusters clusters, IConfigurationSection services) : IServiceEndpointProviderFactory
{
    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = new ClusterEndpointProvider(query, clusters, services);
        return true;
    }
}
