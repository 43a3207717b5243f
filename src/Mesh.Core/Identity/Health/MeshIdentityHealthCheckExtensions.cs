using Mesh.Identity;
using Mesh.Identity.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the identity of this process to its health checks.</summary>
public static class MeshIdentityHealthCheckExtensions
{
    /// <summary>
    /// Adds a check that is degraded when less than a quarter of the certificate's life is left, and fails when it has expired
    /// or there is none.
    /// </summary>
    /// <example>
    /// <code>
    /// builder.Services.AddHealthChecks().AddMeshIdentity();
    /// </code>
    /// </example>
    /// <param name="builder">The health checks of the application.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What an expired or missing certificate is reported as. Default: unhealthy.</param>
    /// <param name="tags">Tags to select the check by.</param>
    public static IHealthChecksBuilder AddMeshIdentity(
        this IHealthChecksBuilder builder,
        string name = "mesh-identity",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshCore();
        return builder.Add(new HealthCheckRegistration(
            name,
            static provider => new IdentityHealthCheck(provider.GetRequiredService<IIdentitySource>(), provider.GetRequiredService<TimeProvider>()),
            failureStatus,
            tags));
    }
}
