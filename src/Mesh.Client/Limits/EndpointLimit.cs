using Mesh.Client.Endpoints;

namespace Mesh.Client.Limits;

/// <summary>What one endpoint may have in flight.</summary>
/// <param name="MaxActive">Attempts.</param>
/// <param name="MaxConnections">Connections, which on HTTP/1.1 are attempts.</param>
internal sealed record EndpointLimit(int MaxActive, int MaxConnections)
{
    private readonly int _maxSingle = Math.Min(MaxActive, MaxConnections);

    public bool Admits(Endpoint endpoint) => endpoint.Active < Of(endpoint);

    public int Of(Endpoint endpoint) => endpoint.CarriesOneAtATime ? _maxSingle : MaxActive;
}
