using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

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
            var file = Path.Combine(directory, $"{trustDomain}.pem");
            using var guard = Lock(Path.Combine(directory, $"{trustDomain}.lock"));
            if (File.Exists(file) && Load(file, now) is { } existing)
            {
                return CertificateIssuer.FromCertificate(existing, trustDomain);
            }

            var created = CertificateIssuer.Create(trustDomain, $"Mesh development CA ({trustDomain})", Lifetime, now);
            WriteOwnerOnly(file, created.ExportPem());
            return created;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MeshIdentityException(
                $"The development CA in '{directory}' cannot be read or written: {exception.Message} Set Mesh:Identity:DevelopmentDirectory to a folder of your own.",
                exception);
        }
    }

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

    private static void WriteOwnerOnly(string file, string content)
    {
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(content);
        }

        File.Move(temporary, file, overwrite: true);
    }
}
