namespace Mesh.Gateway;

/// <summary>Marks the endpoint of the gateway among those of the application.</summary>
internal sealed class GatewayMark
{
    public static readonly GatewayMark Instance = new();
}
