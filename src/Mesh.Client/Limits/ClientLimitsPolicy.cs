namespace Mesh.Client.Limits;

/// <summary>The compiled form of <see cref="ClientLimitsOptions"/>.</summary>
/// <param name="MaxActive">Calls at a time, or <see langword="null"/> for any number.</param>
/// <param name="MaxPending">Calls that may wait.</param>
/// <param name="Endpoint">What one endpoint may have, or <see langword="null"/> for anything.</param>
internal sealed record ClientLimitsPolicy(int? MaxActive, int MaxPending, EndpointLimit? Endpoint)
{
    public static ClientLimitsPolicy Compile(ClientLimitsOptions options, ClientLimitsOptions defaults)
    {
        var active = options.MaxActivePerEndpoint ?? defaults.MaxActivePerEndpoint;
        var connections = options.MaxConnectionsPerEndpoint ?? defaults.MaxConnectionsPerEndpoint;
        return new ClientLimitsPolicy(
            options.MaxActive ?? defaults.MaxActive,
            options.MaxPending ?? defaults.MaxPending ?? 0,
            (active ?? connections) is null ? null : new EndpointLimit(active ?? int.MaxValue, connections ?? int.MaxValue));
    }
}
