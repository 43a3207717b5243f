using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Identity.Files;

/// <summary>
/// An identity from files that somebody else renews: cert-manager, SPIRE's helper, Istio's agent, or a person.
/// </summary>
/// <remarks>
/// The files are polled, because notifications of the file system miss the swapped symbolic links of Kubernetes volumes and
/// everything on network file systems; certificates are renewed long before they expire, so seconds do not matter. Certificate
/// and key are two files and cannot be replaced at once: a change is adopted as a whole when two polls in a row find the same
/// contents and they fit together, and until then the last good identity stays.
/// </remarks>
internal sealed partial class FileIdentitySource : IIdentitySource, IDisposable
{
    private readonly FileIdentityOptions _options;
    private readonly IdentityFileLoader _loader;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly ChangeSignal _changed = new();
    private volatile X509Identity _current;
    private string _adopted;
    private string? _seen;
    private string? _problem;
    private int _polling;

    public FileIdentitySource(FileIdentityOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _loader = new IdentityFileLoader(options);
        _time = time;
        _logger = logger;
        using (var files = IdentityFiles.Read(options.Paths, options.Bundle))
        {
            _current = _loader.Load(files);
            _adopted = files.Fingerprint;
        }

        KeyFilePermissions.Check(options.Paths, logger);
        Report(_current);
        _timer = time.CreateTimer(static self => ((FileIdentitySource)self!).Poll(), this, options.PollInterval, options.PollInterval);
    }

    public X509Identity Current => _current;

    public IChangeToken GetChangeToken() => _changed.Token;

    public void Dispose() => _timer.Dispose();

    private void Poll()
    {
        // A file system that hangs must not collect one thread per interval.
        if (Interlocked.Exchange(ref _polling, 1) == 1)
        {
            return;
        }

        try
        {
            using var files = IdentityFiles.Read(_options.Paths, _options.Bundle);
            Consider(files);
        }
#pragma warning disable CA1031 // On a timer's thread anything thrown would end the process; the last good identity stays whatever happens.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Keep(exception.Message);
        }
        finally
        {
            Volatile.Write(ref _polling, 0);
        }
    }

    private void Consider(IdentityFiles files)
    {
        var isStable = files.Fingerprint == _seen;
        _seen = files.Fingerprint;
        if (files.Fingerprint == _adopted)
        {
            _problem = null;
            return;
        }

        if (!isStable)
        {
            return;
        }

        var next = _loader.Load(files);
        if (FindReasonToWait(next) is { } reason)
        {
            Keep(reason);
            return;
        }

        _current = next;
        _adopted = files.Fingerprint;
        _problem = null;
        Report(next);
        _changed.Fire();
    }

    private string? FindReasonToWait(X509Identity next)
    {
        var now = _time.GetUtcNow();
        if (!IsValid(_current, now) || IsValid(next, now))
        {
            return null;
        }

        return next.ExpiresAt <= now ? "Its certificate has expired, and the one in use has not." : "Its certificate is not valid yet, and the one in use is.";
    }

    private static bool IsValid(X509Identity identity, DateTimeOffset now) =>
        identity.ExpiresAt > now && identity.Leaf.NotBefore.ToUniversalTime() <= now.UtcDateTime;

    private void Report(X509Identity identity)
    {
        Log.Adopted(_logger, identity.Id, identity.Leaf.SerialNumber, identity.ExpiresAt);
        var verdict = PeerVerifier.Verify(identity.Leaf, [.. identity.CertificateContext.IntermediateCertificates], identity.Trust, _time.GetUtcNow());
        if (!verdict.Accepted)
        {
            // Not refused: while roots are exchanged, a certificate may come before the bundle that vouches for it.
            Log.NotTrustedByItself(_logger, verdict.Refusal, verdict.Detail);
        }
    }

    // Once per problem: a file that stays broken would say so at every poll.
    private void Keep(string problem)
    {
        if (problem != _problem)
        {
            _problem = problem;
            Log.Kept(_logger, problem);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Information, "This process is {Id}, from files: certificate {SerialNumber}, valid until {ExpiresAt:u}.")]
        public static partial void Adopted(ILogger logger, SpiffeId id, string serialNumber, DateTimeOffset expiresAt);

        [LoggerMessage(12, LogLevel.Error, "The identity in the files cannot be used and the last good one stays. {Reason}")]
        public static partial void Kept(ILogger logger, string reason);

        [LoggerMessage(13, LogLevel.Warning, "Peers that have the same trust bundle will refuse this process ({Refusal}): {Detail}.")]
        public static partial void NotTrustedByItself(ILogger logger, PeerRefusal refusal, string? detail);
    }
}
