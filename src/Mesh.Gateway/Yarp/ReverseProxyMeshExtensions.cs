using Mesh.Gateway.Yarp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration.ClusterValidators;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets a YARP application call its clusters through the mesh client.</summary>
public static class ReverseProxyMeshExtensions
{
    /// <summary>
    /// Sends what YARP forwards through the mesh client: the id of a cluster is the name of the service, its destinations
    /// are the endpoints, and balancing, retries, ejection, time-outs and mutual TLS are those of <c>Mesh:Client</c>. A
    /// cluster with the metadata <c>Mesh</c> = <c>false</c> stays as YARP calls it. Calling it again is harmless.
    /// </summary>
    /// <param name="builder">The reverse proxy.</param>
    /// <remarks>A cluster that sets <c>SessionAffinity</c>, <c>HealthCheck</c> or <c>HttpClient</c> is refused by YARP's validation: they would have no effect.</remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddMesh();
    /// </code>
    /// </example>
    public static IReverseProxyBuilder AddMesh(this IReverseProxyBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(static service => service.ServiceType == typeof(MeshClusters)))
        {
            return builder;
        }

        services.AddHttpClient(MeshForwarderClientFactory.ClientName).AddMeshClient();
        services.AddSingleton<MeshClusters>();
        services.AddSingleton<IClusterChangeListener>(static provider => provider.GetRequiredService<MeshClusters>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterValidator, MeshClusterValidator>());
        services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory, MeshForwarderClientFactory>());

        // In front of DNS, which would have its own idea of a cluster's name; what the configuration names it leaves alone.
        services.Insert(0, ServiceDescriptor.Singleton<IServiceEndpointProviderFactory>(static provider => new ClusterEndpointProviderFactory(
            provider.GetRequiredService<MeshClusters>(),
            provider.GetRequiredService<IConfiguration>().GetSection(
                provider.GetRequiredService<IOptions<ConfigurationServiceEndpointProviderOptions>>().Value.SectionName))));
        return builder;
    }
}
