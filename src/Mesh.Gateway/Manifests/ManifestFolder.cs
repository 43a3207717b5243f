using Mesh.Configuration;
using Mesh.Gateway.Routing;

namespace Mesh.Gateway.Manifests;

/// <summary>
/// Watches the folder of manifests. Contents are compared, not times: the files of a mounted ConfigMap are links to a link
/// that is swapped, and change without an event of their own. A change counts when two looks in a row find the same.
/// </summary>
internal sealed class ManifestFolder(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private PolicySource<GatewayPolicy>? _policy;
    private ITimer? _timer;
    private volatile ManifestFiles? _adopted;
    private volatile ManifestFiles? _candidate;
    private (string Fingerprint, int Revision)? _refused;
    private string? _seen;
    private int _polling;

    /// <summary>The files to build a policy from: those in force, unless others are being tried.</summary>
    /// <returns><see langword="null"/> when there is no folder.</returns>
    public ManifestFiles? Read(string? directory)
    {
        if (directory is null)
        {
            return null;
        }

        var files = _candidate ?? _adopted;
        return files?.Directory == directory ? files : ManifestFiles.Read(directory);
    }

    /// <summary>Takes the files of a policy that is about to be in force.</summary>
    public void Adopt(ManifestFiles? files) => _adopted = files;

    /// <summary>Begins to watch.</summary>
    /// <param name="policy">Is built anew when files have changed.</param>
    public void Watch(PolicySource<GatewayPolicy> policy)
    {
        _policy = policy;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static self => ((ManifestFolder)self!).Poll(), this, PollInterval, PollInterval);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Poll()
    {
        // A file system that hangs must not collect one thread per interval.
        if (_adopted is not { } adopted || Interlocked.Exchange(ref _polling, 1) == 1)
        {
            return;
        }

        try
        {
            var files = ManifestFiles.Read(adopted.Directory).Behind(adopted);
            var isStable = files.Fingerprint == _seen;
            _seen = files.Fingerprint;
            if (isStable && files.Fingerprint != adopted.Fingerprint)
            {
                Try(files);
            }
        }
        finally
        {
            Volatile.Write(ref _polling, 0);
        }
    }

    private void Try(ManifestFiles files)
    {
        // What was refused may fit the configuration as it is now.
        if (_refused == (files.Fingerprint, _policy!.Revision))
        {
            return;
        }

        _candidate = files;
        try
        {
            _refused = _policy.Refresh() ? null : (files.Fingerprint, _policy.Revision);
        }
        finally
        {
            _candidate = null;
        }
    }
}
