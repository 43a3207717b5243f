using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Identity.Health;

/// <summary>Says in time that the identity is not being renewed: degraded in the last quarter of its life, unhealthy after it.</summary>
internal sealed class IdentityHealthCheck(IIdentitySource identities, TimeProvider time) : IHealthCheck
{
    // Sources renew at half of the life: at a quarter, renewal has been failing for long, and there is still time to act.
    private const double DegradedBelow = 0.25;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Task.FromResult(Check(context.Registration.FailureStatus));
    }

    private HealthCheckResult Check(HealthStatus failure)
    {
        X509Identity identity;
        try
        {
            identity = identities.Current;
        }
        catch (MeshIdentityException exception)
        {
            return new HealthCheckResult(failure, exception.Message);
        }

        var left = identity.ExpiresAt - time.GetUtcNow();
        var life = identity.ExpiresAt - new DateTimeOffset(identity.Leaf.NotBefore.ToUniversalTime(), TimeSpan.Zero);
        var when = identity.ExpiresAt.ToString("u", CultureInfo.InvariantCulture);
        return left <= TimeSpan.Zero
            ? new HealthCheckResult(failure, $"The certificate of '{identity.Id}' expired at {when}.")
            : left < life * DegradedBelow
                ? HealthCheckResult.Degraded($"The certificate of '{identity.Id}' expires at {when} and has not been renewed.")
                : HealthCheckResult.Healthy($"The certificate of '{identity.Id}' is valid until {when}.");
    }
}
