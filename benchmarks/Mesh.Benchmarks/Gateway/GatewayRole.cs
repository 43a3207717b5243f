namespace Mesh.Benchmarks.Gateway;

/// <summary>What a process of the benchmark is there for.</summary>
internal enum GatewayRole
{
    Backend,
    Load,
    Yarp,
    YarpSecured,
    Mesh,
    MeshSecured,
    MeshManyRoutes,
}
