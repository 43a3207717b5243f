using Mesh.Client.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OpenTelemetry;

/// <summary>Adds the mesh to OpenTelemetry.</summary>
public static class MeshInstrumentationExtensions
{
    /// <summary>Adds the logical spans of mesh calls and the HTTP client spans below them.</summary>
    public static TracerProviderBuilder AddMeshInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddHttpClientInstrumentation().AddSource(MeshClientTelemetry.Name);
    }

    /// <summary>Adds the metrics of the mesh (<c>mesh.client.*</c>, <c>mesh.server.*</c>, <c>mesh.identity.*</c>) and of the HTTP client.</summary>
    public static MeterProviderBuilder AddMeshInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddHttpClientInstrumentation().AddMeter(MeshClientTelemetry.Name, "Mesh.Server", "Mesh.Identity");
    }
}
