namespace Mesh.Client.Balancing;

/// <summary>Chooses among the endpoints it was made for. Called by many requests at once.</summary>
public abstract class LoadBalancer
{
    /// <summary>Picks an endpoint for an attempt. Must neither block nor allocate.</summary>
    /// <returns>
    /// The index of an endpoint for which <see cref="PickContext.IsUsable(Endpoints.IMeshEndpoint)"/> holds, or a negative
    /// number when it met none; the mesh then looks at every endpoint.
    /// </returns>
    public abstract int Pick(in PickContext context);
}
