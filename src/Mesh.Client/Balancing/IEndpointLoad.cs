using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>How loaded an endpoint is. A struct as type argument, so that the comparison of two is compiled for it.</summary>
internal interface IEndpointLoad
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="share">Its weight as a multiple of the mean.</param>
    /// <param name="now">The moment of the pick.</param>
    double Of(Endpoint endpoint, double share, long now);
}
