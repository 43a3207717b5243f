namespace Mesh.Routing;

/// <summary>The matches of one host name.</summary>
internal interface IPathTable
{
    /// <summary>Finds the most specific match that holds.</summary>
    bool TryFind<TRequest>(in TRequest request, out RouteSelection selection)
        where TRequest : struct, IRouteRequest;
}
