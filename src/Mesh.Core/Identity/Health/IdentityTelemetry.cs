using System.Diagnostics.Metrics;

namespace Mesh.Identity.Health;

/// <summary>The metrics of this process's identity.</summary>
internal sealed class IdentityTelemetry
{
    public const string MeterName = "Mesh.Identity";
    public const string ExpiryName = "mesh.identity.expiry";

    private readonly IIdentitySource _identities;
    private readonly TimeProvider _time;

    public IdentityTelemetry(IMeterFactory meters, IIdentitySource identities, TimeProvider time)
    {
        _identities = identities;
        _time = time;
        meters.Create(MeterName).CreateObservableGauge(ExpiryName, Observe, "s", "Time until the certificate of this process expires; negative after.");
    }

    private IEnumerable<Measurement<double>> Observe()
    {
        try
        {
            return [new((_identities.Current.ExpiresAt - _time.GetUtcNow()).TotalSeconds)];
        }
        catch (MeshIdentityException)
        {
            return [];
        }
    }
}
