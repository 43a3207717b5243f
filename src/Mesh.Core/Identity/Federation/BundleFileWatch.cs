using System.Security.Cryptography;
using Mesh.Identity.Files;

namespace Mesh.Identity.Federation;

/// <summary>Keeps a federated bundle as its file is. A change counts when two looks in a row find the same.</summary>
internal sealed class BundleFileWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly FederatedBundle _bundle;
    private readonly ITimer _timer;
    private string? _adopted;
    private string? _seen;
    private int _polling;

    public BundleFileWatch(string path, FederatedBundle bundle, TimeProvider time)
    {
        _path = path;
        _bundle = bundle;
        Poll(isFirst: true);
        _timer = time.CreateTimer(static self => ((BundleFileWatch)self!).Poll(isFirst: false), this, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Poll(bool isFirst)
    {
        if (Interlocked.Exchange(ref _polling, 1) == 1)
        {
            return;
        }

        try
        {
            var content = BoundedFile.Read(_path);
            var hash = Convert.ToHexString(SHA256.HashData(content));
            var isStable = isFirst || hash == _seen;
            _seen = hash;
            if (isStable && hash != _adopted)
            {
                _bundle.TakeFromFile(SpiffeBundle.Parse(content), _path);
                _adopted = hash;
            }
        }
#pragma warning disable CA1031 // On a timer's thread anything thrown would end the process; the last good bundle stays whatever happens.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _bundle.Keep(_path, exception.Message);
        }
        finally
        {
            Volatile.Write(ref _polling, 0);
        }
    }
}
