namespace Mesh.Client.HealthChecks;

/// <summary>What an endpoint is asked with.</summary>
public enum HealthCheckProtocol
{
    /// <summary>A <c>GET</c> whose status counts.</summary>
    Http,

    /// <summary>The gRPC health protocol, <c>grpc.health.v1.Health/Check</c>: <c>SERVING</c> counts.</summary>
    Grpc,
}
