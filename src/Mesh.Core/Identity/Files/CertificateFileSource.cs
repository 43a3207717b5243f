using System.Net.Security;
using Mesh.Identity.Files;
using Microsoft.Extensions.Logging;

namespace Mesh.Identity;

/// <summary>
/// A certificate from files that somebody else renews, such as that of a public host name. As with the identity source
/// <c>Files</c>, a change is adopted as a whole when two looks in a row find the same, and until then the last good one stays.
/// </summary>
public sealed partial class CertificateFileSource : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private readonly CertificateFilePaths _paths;
    private readonly CertificateFileLoader _loader;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private volatile SslStreamCertificateContext _current;
    private string _adopted;
    private string? _seen;
    private string? _problem;
    private int _polling;

    /// <summary>Reads the files and begins to watch them.</summary>
    /// <param name="paths">Where they are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told when a certificate is adopted, and why one is not.</param>
    /// <exception cref="MeshIdentityException">They hold no certificate with its key.</exception>
    public CertificateFileSource(CertificateFilePaths paths, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(time);
        _paths = paths;
        _loader = new CertificateFileLoader(paths);
        _logger = logger;
        using (var files = IdentityFiles.Read(paths, bundle: null))
        {
            _current = Load(files);
            _adopted = files.Fingerprint;
        }

        KeyFilePermissions.Check(paths, logger);
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static self => ((CertificateFileSource)self!).Poll(), this, PollInterval, PollInterval);
        }
    }

    /// <summary>The certificate in force, with what is sent along.</summary>
    public SslStreamCertificateContext Current => _current;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private SslStreamCertificateContext Load(IdentityFiles files)
    {
        var (leaf, intermediates) = _loader.Load(files);
        var context = SslStreamCertificateContext.Create(leaf, intermediates, offline: true);
        Log.Adopted(_logger, _paths.Subject, leaf.Subject, leaf.SerialNumber, leaf.NotAfter.ToUniversalTime());
        return context;
    }

    private void Poll()
    {
        // A file system that hangs must not collect one thread per interval.
        if (Interlocked.Exchange(ref _polling, 1) == 1)
        {
            return;
        }

        try
        {
            using var files = IdentityFiles.Read(_paths, bundle: null);
            var isStable = files.Fingerprint == _seen;
            _seen = files.Fingerprint;
            if (files.Fingerprint == _adopted)
            {
                _problem = null;
            }
            else if (isStable)
            {
                _current = Load(files);
                _adopted = files.Fingerprint;
                _problem = null;
            }
        }
#pragma warning disable CA1031 // On a timer's thread anything thrown would end the process; the last good certificate stays whatever happens.
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
        [LoggerMessage(21, LogLevel.Information, "The certificate in '{Path}' is that of '{Subject}', serial number {SerialNumber}, valid until {ExpiresAt:u}.")]
        public static partial void Adopted(ILogger logger, string path, string subject, string serialNumber, DateTime expiresAt);

        [LoggerMessage(22, LogLevel.Error, "The certificate in the files cannot be used and the last good one stays. {Reason}")]
        public static partial void Kept(ILogger logger, string reason);
    }
}
