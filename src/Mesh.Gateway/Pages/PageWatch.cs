using Mesh.Configuration;
using Mesh.Gateway.Routing;

namespace Mesh.Gateway.Pages;

/// <summary>
/// Watches the files of pages. Contents are compared, not times, and a change counts when two looks in a row find the same,
/// as with manifests.
/// </summary>
internal sealed class PageWatch(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private PolicySource<GatewayPolicy>? _policy;
    private ITimer? _timer;
    private (string Fingerprint, int Revision)? _refused;
    private string? _seen;
    private int _polling;

    /// <summary>Begins to watch.</summary>
    /// <param name="policy">Is built anew when files have changed, and kept when one of them is broken.</param>
    public void Watch(PolicySource<GatewayPolicy> policy)
    {
        _policy = policy;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static self => ((PageWatch)self!).Poll(), this, PollInterval, PollInterval);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Poll()
    {
        // A file system that hangs must not collect one thread per interval.
        if (_policy!.Current.Pages is not { Files.Count: > 0 } pages || Interlocked.Exchange(ref _polling, 1) == 1)
        {
            return;
        }

        try
        {
            var fingerprint = PageFiles.FingerprintOf(pages.Files);
            var isStable = fingerprint == _seen;
            _seen = fingerprint;
            if (isStable && fingerprint != pages.Fingerprint && _refused != (fingerprint, _policy.Revision))
            {
                _refused = _policy.Refresh() ? null : (fingerprint, _policy.Revision);
            }
        }
        finally
        {
            Volatile.Write(ref _polling, 0);
        }
    }
}
