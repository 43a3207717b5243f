using Mesh.Configuration;
using Mesh.Server.Policy;
using Mesh.Server.Tls;
using Microsoft.Extensions.Options;

namespace Mesh.Gateway.Hosting;

/// <summary>Makes the server that of an edge, unless the configuration says otherwise: callers are the public and have no certificate of the mesh.</summary>
internal sealed class EdgeDefaults(MeshConfiguration configuration) : IConfigureOptions<MeshServerOptions>
{
    public void Configure(MeshServerOptions options)
    {
        if (string.IsNullOrEmpty(configuration.Child("Server")?[nameof(MeshServerOptions.PeerAuthentication)]))
        {
            options.PeerAuthentication = PeerAuthenticationMode.Disabled;
        }
    }
}
