using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Server.Draining;

/// <summary>Not ready once the process was told to stop.</summary>
internal sealed class DrainHealthCheck(ServerDrain drain) : IHealthCheck
{
    public const string Name = "mesh-drain";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.IsDraining ? HealthCheckResult.Unhealthy("The process is about to stop.") : HealthCheckResult.Healthy());
}
