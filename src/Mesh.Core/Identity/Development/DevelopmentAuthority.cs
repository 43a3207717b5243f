using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity.Files;

namespace Mesh.Identity.Development;

/// <summary>
/// The development CA of one user and trust domain, shared by all processes of that user: one PEM file with
/// certificate and key, mode 600, written whole and moved into place under a lock.
/// </summary>
internal static class DevelopmentAuthority
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(7);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(20);

    public static string DefaultDirectory()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0
            ? Path.Combine(home, "mesh", "development-ca")
            : throw new MeshIdentityException(
                "The development CA needs a folder and this user has no home: set HOME, or Mesh:Identity:DevelopmentDirectory.");
    }

    /// <summary>Loads the CA, or creates it when there is none or it is about to expire.</summary>
    public static CertificateIssuer LoadOrCreate(string directory, string trustDomain, DateTimeOffset now)
    {
        try
        {
            CreateDirectory(directory);
            var file = FileOf(directory, trustDomain);
            using var guard = Lock(LockOf(directory, trustDomain));
            if (File.Exists(file) && Load(file, now) is { } existing)
            {
                return CertificateIssuer.FromCertificate(existing, trustDomain);
            }

            var created = CertificateIssuer.Create(trustDomain, $"Mesh development CA ({trustDomain})", Lifetime, now);
            OwnerOnlyFile.Write(file, created.ExportPem());
            return created;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MeshIdentityException(
                $"The development CA in '{directory}' cannot be read or written: {exception.Message} Set Mesh:Identity:DevelopmentDirectory to a folder of your own.",
                exception);
        }
    }

    /// <summary>The trust domains that have a CA in the folder, in order.</summary>
    public static IEnumerable<string> FindTrustDomains(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory, "*.pem").Select(static file => Path.GetFileNameWithoutExtension(file)).Where(static name => SpiffeId.IsTrustDomain(name)).Order(StringComparer.Ordinal)
        : [];

    /// <summary>The CA's certificate without its key, or <see langword="null"/> when there is none that can be read.</summary>
    public static X509Certificate2? FindAnchor(string directory, string trustDomain)
    {
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(FileOf(directory, trustDomain)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Removes the CA. The next process to start makes a new one, which the processes that run do not trust.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Remove(string directory, string trustDomain)
    {
        var file = FileOf(directory, trustDomain);
        if (!File.Exists(file))
        {
            return false;
        }

        try
        {
            using var guard = Lock(LockOf(directory, trustDomain));
            File.Delete(file);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MeshIdentityException($"'{file}' cannot be removed: {exception.Message}", exception);
        }
    }

    private static string FileOf(string directory, string trustDomain) => Path.Combine(directory, $"{trustDomain}.pem");

    private static string LockOf(string directory, string trustDomain) => Path.Combine(directory, $"{trustDomain}.lock");

    private static X509Certificate2? Load(string file, DateTimeOffset now)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(file, file);
            if (certificate.NotAfter.ToUniversalTime() - RenewBefore > now.UtcDateTime && certificate.NotBefore.ToUniversalTime() <= now.UtcDateTime)
            {
                return certificate;
            }

            certificate.Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            // Truncated or edited by hand. It signs nothing outside this machine, so a new one does no harm.
            return null;
        }
    }

    private static void CreateDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static FileStream Lock(string file)
    {
        // FileShare.None is an advisory lock between .NET processes on every platform; the system frees it if we die.
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(20))
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited < LockPatience)
            {
                Thread.Sleep(20);
            }
        }
    }
}
