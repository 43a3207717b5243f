using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Identity.Development;

/// <summary>Issues this process a 24-hour identity from the development CA, and a new one at half of its life.</summary>
internal sealed partial class DevelopmentIdentitySource : IIdentitySource, IDisposable
{
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan RotateEvery = LeafLifetime / 2;

    private readonly string _directory;
    private readonly SpiffeId _id;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly ChangeSignal _changed = new();
    private volatile X509Identity _current;

    public DevelopmentIdentitySource(string directory, SpiffeId id, TimeProvider time, ILogger logger)
    {
        _directory = directory;
        _id = id;
        _time = time;
        _logger = logger;
        _current = Issue();
        _timer = time.CreateTimer(static self => ((DevelopmentIdentitySource)self!).Rotate(), this, RotateEvery, RotateEvery);
        Log.Issued(logger, id, directory);
    }

    public X509Identity Current => _current;

    public IChangeToken GetChangeToken() => _changed.Token;

    public void Dispose() => _timer.Dispose();

    private X509Identity Issue()
    {
        var now = _time.GetUtcNow();
        using var authority = DevelopmentAuthority.LoadOrCreate(_directory, _id.TrustDomain, now);
        return new X509Identity(authority.Issue(_id, LeafLifetime, now), [], new TrustBundles(_id.TrustDomain, authority.Anchor));
    }

    private void Rotate()
    {
        try
        {
            _current = Issue();
        }
        catch (Exception exception) when (exception is MeshIdentityException or CryptographicException)
        {
            // Half of the life is left: the next tick comes before it ends.
            Log.RotationFailed(_logger, exception.Message);
            return;
        }

        _changed.Fire();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "This process is {Id}, issued by the development CA in {Directory}.")]
        public static partial void Issued(ILogger logger, SpiffeId id, string directory);

        [LoggerMessage(2, LogLevel.Warning, "The development identity could not be rotated. {Reason}")]
        public static partial void RotationFailed(ILogger logger, string reason);
    }
}
