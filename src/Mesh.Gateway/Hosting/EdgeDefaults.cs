using Mesh.Configuration;
using Mesh.Server.Policy;
using Mesh.Server.Tls;
using Microsoft.Extensions.Options;

namespace Mesh.Gateway.Hosting;

/// <summary>Makes the server that of an edge, unless the configuration says otherwise: callers are the public and have no certificate of the mesh.</summary>
internal sealed class EdgeDefaults(MeshConfiguration configuration) : IConfigureOptions<MeshServerOptions>
{
    // A third of what Kestrel allows: who writes a header by the byte is no browser, however bad the network.
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public void Configure(MeshServerOptions options)
    {
        options.Limits.HeadersTimeout ??= HeadersTimeout;
        if (string.IsNullOrEmpty(configuration.Child("Server")?[nameof(MeshServerOptions.PeerAuthentication)]))
        {
            options.PeerAuthentication = PeerAuthenticationMode.Disabled;
        }
    }
}
