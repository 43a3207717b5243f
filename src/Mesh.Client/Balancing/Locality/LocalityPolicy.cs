using Mesh.Client.Endpoints;
using Mesh.Identity;

namespace Mesh.Client.Balancing.Locality;

/// <summary>Where this process is, and how far an endpoint is from it: the order of Istio's locality failover.</summary>
/// <param name="Region">Its region.</param>
/// <param name="Zone">Its zone.</param>
/// <param name="SubZone">Its part of the zone.</param>
/// <param name="FailoverRegion">The region that takes over for its own.</param>
internal sealed record LocalityPolicy(string? Region, string? Zone, string? SubZone, string? FailoverRegion)
{
    private const int Distances = 5;

    /// <summary>The policy of a process that knows where it is and cares; otherwise <see langword="null"/>.</summary>
    public static LocalityPolicy? Compile(LocalityOptions options, LocalityOptions defaults, MeshServiceOptions own)
    {
        if (!(options.Enabled ?? defaults.Enabled ?? true) || (own.Region ?? own.Zone ?? own.SubZone) is null)
        {
            return null;
        }

        var failover = options.Failover ?? defaults.Failover;
        return new LocalityPolicy(own.Region, own.Zone, own.SubZone, own.Region is null ? null : failover?.GetValueOrDefault(own.Region));
    }

    /// <summary>The order in which endpoints are preferred: first their own priority, then their distance. Ties are one level.</summary>
    public int RankOf(EndpointMetadata endpoint) => (endpoint.Priority * Distances) + DistanceOf(endpoint);

    private int DistanceOf(EndpointMetadata endpoint)
    {
        if (!IsSame(Region, endpoint.Region))
        {
            return FailoverRegion is null || endpoint.Region == FailoverRegion ? 3 : 4;
        }

        if (!IsSame(Zone, endpoint.Zone))
        {
            return 2;
        }

        return IsSame(SubZone, endpoint.SubZone) ? 0 : 1;
    }

    // What this process does not know about itself it cannot prefer.
    private static bool IsSame(string? own, string? other) => own is null || own == other;
}
