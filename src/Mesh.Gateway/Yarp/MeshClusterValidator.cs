using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Configuration.ClusterValidators;

namespace Mesh.Gateway.Yarp;

/// <summary>Refuses clusters whose settings would have no effect, or another than written, because the mesh calls them.</summary>
internal sealed class MeshClusterValidator : IClusterValidator
{
    public ValueTask ValidateAsync(ClusterConfig cluster, IList<Exception> errors)
    {
        if (!MeshClusters.Includes(cluster.Metadata))
        {
            return default;
        }

        if (Uri.CheckHostName(cluster.ClusterId) != UriHostNameType.Dns)
        {
            Refuse("its id is the name of a service in the mesh and has to be a host name");
        }

        if (cluster.SessionAffinity?.Enabled == true)
        {
            Refuse("SessionAffinity is not YARP's there: use a hash policy in Mesh:Client:Services:{cluster}:LoadBalancing");
        }

        if (cluster.HealthCheck is { Active.Enabled: true } or { Passive.Enabled: true })
        {
            Refuse("HealthCheck is not YARP's there: endpoints that fail are ejected, see HealthCheck and Ejection in Mesh:Client:Services:{cluster}");
        }

        if (cluster.HttpClient is not null)
        {
            Refuse("HttpClient is not YARP's there: connections and TLS are those of Mesh:Client:Services:{cluster}");
        }

        CheckDestinations();
        return default;

        // YARP writes path and scheme of the destination it picked into the request, and the mesh picks again.
        void CheckDestinations()
        {
            Uri? first = null;
            foreach (var destination in cluster.Destinations?.Values ?? [])
            {
                if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var address))
                {
                    Refuse($"the address '{destination.Address}' is no absolute URI");
                    continue;
                }

                first ??= address;
                if (address.AbsolutePath.TrimEnd('/') != first.AbsolutePath.TrimEnd('/') || address.Scheme != first.Scheme)
                {
                    Refuse($"its destinations differ in scheme or path, '{first}' and '{address}'");
                }

                if (destination.Host is not null)
                {
                    Refuse("the Host of a destination is not sent: a service of the mesh has one name");
                }
            }
        }

        void Refuse(string reason) => errors.Add(new ArgumentException(
            $"Cluster '{cluster.ClusterId}' is called through the mesh: {reason.Replace("{cluster}", cluster.ClusterId, StringComparison.Ordinal)}. "
            + $"Or leave it to YARP with the metadata \"{MeshClusters.Metadata}\": \"false\"."));
    }
}
