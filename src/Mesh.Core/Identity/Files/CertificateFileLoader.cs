using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Identity.Files;

/// <summary>Makes a certificate with its key of the contents of its files. Its messages name files and rules, never what stands in a file.</summary>
internal sealed class CertificateFileLoader(CertificateFilePaths paths)
{
    /// <summary>Makes it.</summary>
    /// <exception cref="MeshIdentityException">The files are no pair, or not yet: half written, or of two generations.</exception>
    public (X509Certificate2 Leaf, X509Certificate2Collection Intermediates) Load(IdentityFiles files) =>
        string.IsNullOrEmpty(paths.Pkcs12) ? LoadPem(files) : LoadPkcs12(files);

    private (X509Certificate2 Leaf, X509Certificate2Collection Intermediates) LoadPem(IdentityFiles files)
    {
        var key = Encoding.Latin1.GetChars(files.Key ?? files.Certificate);
        var password = ReadPassword(files);
        try
        {
            var certificates = BundlePem.Parse(files.Certificate).X509Authorities;
            var isEncrypted = key.AsSpan().Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
            var pem = certificates[0].ExportCertificatePem();
            var leaf = isEncrypted ? X509Certificate2.CreateFromEncryptedPem(pem, key, password) : X509Certificate2.CreateFromPem(pem, key);
            return (MakeUsable(leaf), [.. certificates.Skip(1).Where(static certificate => !IsRoot(certificate))]);
        }
        catch (FormatException)
        {
            throw new MeshIdentityException($"'{paths.Certificate}' does not hold whole PEM certificates.");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            var keyPath = files.Key is null ? paths.Certificate : paths.Key;
            throw new MeshIdentityException(
                $"The key in '{keyPath}' does not belong to the certificate in '{paths.Certificate}', is not whole, or needs another password.");
        }
        finally
        {
            Array.Clear(key);
            Array.Clear(password);
        }
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection Intermediates) LoadPkcs12(IdentityFiles files)
    {
        var password = ReadPassword(files);
        try
        {
            var certificates = X509CertificateLoader.LoadPkcs12Collection(files.Certificate, password);
            var leaves = certificates.Where(static certificate => certificate.HasPrivateKey).ToList();
            return leaves.Count == 1
                ? (leaves[0], [.. certificates.Where(certificate => certificate != leaves[0] && !IsRoot(certificate))])
                : throw new MeshIdentityException($"'{paths.Pkcs12}' holds {leaves.Count} certificates with a private key, and needs exactly one.");
        }
        catch (CryptographicException)
        {
            throw new MeshIdentityException($"'{paths.Pkcs12}' is not a whole PKCS#12 file, or needs another password.");
        }
        finally
        {
            Array.Clear(password);
        }
    }

    private static char[] ReadPassword(IdentityFiles files)
    {
        var text = (files.Password ?? []).AsSpan().TrimEnd("\r\n"u8);
        var password = new char[Encoding.UTF8.GetCharCount(text)];
        Encoding.UTF8.GetChars(text, password);
        return password;
    }

    // A root adds nothing to a handshake: the other side has it, or does not trust it.
    private static bool IsRoot(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    // Windows SChannel cannot use an ephemeral key.
    private static X509Certificate2 MakeUsable(X509Certificate2 leaf)
    {
        if (!OperatingSystem.IsWindows())
        {
            return leaf;
        }

        using (leaf)
        {
            return X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
        }
    }
}
