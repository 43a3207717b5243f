using Mesh.Configuration;
using Mesh.Identity;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tls;

/// <summary>Keeps the certificates of host names through reloads: files that stay are neither read nor announced again.</summary>
internal sealed class ServerCertificateRegistry(TimeProvider time, ILogger<ServerCertificateRegistry> logger) : IDisposable
{
    private Dictionary<CertificateFilePaths, CertificateFileSource> _sources = [];

    /// <summary>
    /// Reads those that are new, and adds what is wrong with them to <paramref name="errors"/>. Nothing is in force before
    /// <see cref="Adopt"/>. Called by one thread at a time.
    /// </summary>
    public Dictionary<CertificateFilePaths, CertificateFileSource> Open(List<ServerCertificateOptions> options, string path, ConfigurationErrors errors)
    {
        var sources = new Dictionary<CertificateFilePaths, CertificateFileSource>();
        if (errors.All.Count > 0)
        {
            return sources;
        }

        for (var i = 0; i < options.Count; i++)
        {
            var paths = options[i].Paths;
            try
            {
                sources[paths] = _sources.GetValueOrDefault(paths) ?? sources.GetValueOrDefault(paths) ?? new CertificateFileSource(paths, time, logger);
            }
            catch (MeshIdentityException exception)
            {
                errors.Add($"{path}:{i}", exception.Message);
            }
        }

        return sources;
    }

    /// <summary>Lets go of those that are opened and not adopted, because something else was wrong.</summary>
    public void Discard(Dictionary<CertificateFilePaths, CertificateFileSource> opened) => Release(opened, kept: _sources);

    /// <summary>Puts what was opened in force.</summary>
    public ServerCertificates Adopt(Dictionary<CertificateFilePaths, CertificateFileSource> opened, List<ServerCertificateOptions> options)
    {
        Release(_sources, kept: opened);
        _sources = opened;
        return new ServerCertificates([.. options.SelectMany(certificate => certificate.Hostnames.Select(name => (name, opened[certificate.Paths])))]);
    }

    public void Dispose() => Release(_sources, kept: []);

    private static void Release(Dictionary<CertificateFilePaths, CertificateFileSource> sources, Dictionary<CertificateFilePaths, CertificateFileSource> kept)
    {
        foreach (var (paths, source) in sources)
        {
            if (!kept.ContainsKey(paths))
            {
                source.Dispose();
            }
        }
    }
}
