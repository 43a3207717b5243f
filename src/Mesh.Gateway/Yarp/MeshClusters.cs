using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Mesh.Gateway.Yarp;

/// <summary>The addresses of YARP's clusters in force, as the mesh's discovery finds them.</summary>
internal sealed class MeshClusters : IClusterChangeListener
{
    /// <summary>The metadata by which a cluster stays out of the mesh, with the value <c>false</c>.</summary>
    public const string Metadata = "Mesh";

    private readonly ConcurrentDictionary<string, string[]> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private ConfigurationReloadToken _change = new();

    /// <summary>Whether calls to a cluster go through the mesh client.</summary>
    public static bool Includes(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is null || !metadata.TryGetValue(Metadata, out var value) || !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a destination's address is the name of its own cluster, which leaves its endpoints to the mesh's discovery.</summary>
    public static bool IsServiceName(string clusterId, Uri address) =>
        address.IsDefaultPort && string.Equals(address.Host, clusterId, StringComparison.OrdinalIgnoreCase);

    /// <summary>Signals the next change of any cluster.</summary>
    public IChangeToken GetChangeToken() => Volatile.Read(ref _change);

    /// <summary>The addresses of a cluster; empty when there is none or its endpoints are discovered.</summary>
    public string[] AddressesOf(string clusterId) => _addresses.GetValueOrDefault(clusterId, []);

    public void OnClusterAdded(ClusterState cluster) => Take(cluster);

    public void OnClusterChanged(ClusterState cluster) => Take(cluster);

    public void OnClusterRemoved(ClusterState cluster)
    {
        _addresses.TryRemove(cluster.ClusterId, out _);
        Signal();
    }

    // Without the path, which belongs to the request: YARP has put it there.
    private void Take(ClusterState cluster)
    {
        var config = cluster.Model.Config;
        _addresses[cluster.ClusterId] = Includes(config.Metadata)
            ? [.. cluster.Destinations.Values
                .Select(static destination => new Uri(destination.Model.Config.Address))
                .Where(address => !IsServiceName(cluster.ClusterId, address))
                .Select(static address => address.GetLeftPart(UriPartial.Authority))]
            : [];
        Signal();
    }

    private void Signal() => Interlocked.Exchange(ref _change, new ConfigurationReloadToken()).OnReload();
}
