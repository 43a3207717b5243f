using Mesh.Client.Discovery;
using Mesh.Client.Sweeping;

namespace Mesh.Client.Ejection;

/// <summary>Compares the endpoints of one service at the end of each interval.</summary>
internal sealed class OutlierSweep(ServiceTarget service, TimeProvider time) : ISwept
{
    private long _last = time.GetTimestamp();

    public long Sweep(long now)
    {
        var policy = service.Policy.Ejection;
        var interval = (long)(policy.Interval.TotalSeconds * time.TimestampFrequency);
        if (now - _last >= interval)
        {
            _last = now;
            foreach (var endpoint in service.Ledger.Sweep(now, policy))
            {
                service.Report(endpoint, HealthChange.Ejected);
            }
        }

        return _last + interval;
    }
}
