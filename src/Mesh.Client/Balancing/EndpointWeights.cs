using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>The weights of a set of endpoints.</summary>
internal static class EndpointWeights
{
    public static bool AreEqual(Endpoint[] endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Metadata.Weight != endpoints[0].Metadata.Weight)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Each weight as a multiple of their mean.</summary>
    public static double[] Shares(Endpoint[] endpoints)
    {
        var mean = endpoints.Average(static endpoint => (double)endpoint.Metadata.Weight);
        return [.. endpoints.Select(endpoint => endpoint.Metadata.Weight / mean)];
    }
}
