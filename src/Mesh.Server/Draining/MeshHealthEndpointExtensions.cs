using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says whether the process is ready and alive.</summary>
public static class MeshHealthEndpointExtensions
{
    private const string LiveTag = "live";

    /// <summary>
    /// Maps <c>/health</c>, readiness: every health check of the application, and 503 once the process was told to stop; and
    /// <c>/alive</c>, liveness: the checks with the tag <c>live</c> only. The names are those of the .NET Aspire templates.
    /// Both are served to probes without a certificate (<c>PlaintextPaths</c>) and whatever there is to do.
    /// </summary>
    public static IEndpointRouteBuilder MapMeshHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.MapHealthChecks("/health");
        endpoints.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = static check => check.Tags.Contains(LiveTag) });
        return endpoints;
    }
}
