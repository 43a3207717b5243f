using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Core.Tests.Configuration;
using Mesh.Core.Tests.Identity.Development;
using Mesh.Identity;
using Mesh.Identity.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Identity.Files;

/// <summary>A folder with the files of an identity, and a clock.</summary>
internal sealed class IdentityFolder : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public IdentityFolder()
    {
        Directory.CreateDirectory(_directory.Path);
        Write(Issue(), Authority);
    }

    public static CertificateIssuer Authority { get; } = CertificateIssuer.Create("shop.example", "authority", TimeSpan.FromDays(30), TestLeaf.Now);

    public static CertificateIssuer NextAuthority { get; } = CertificateIssuer.Create("shop.example", "next", TimeSpan.FromDays(30), TestLeaf.Now);

    public FakeTimeProvider Time { get; } = new(TestLeaf.Now);

    public RecordingLogger Log { get; } = new();

    public FileIdentityOptions Options { get; } = new();

    public string PathOf(string name) => Path.Combine(_directory.Path, name);

    public FileIdentitySource CreateSource()
    {
        Options.Certificate ??= Options.Pkcs12 is null ? PathOf("tls.crt") : null;
        Options.Key ??= Options.Pkcs12 is null ? PathOf("tls.key") : null;
        Options.Bundle ??= PathOf("ca.crt");
        return new FileIdentitySource(Options, Time, Log);
    }

    public static X509Certificate2 Issue(double hours = 24, CertificateIssuer? authority = null) => (authority ?? Authority).Issue(
        SpiffeId.ForService("shop.example", "shop", "orders"), TimeSpan.FromHours(hours), TestLeaf.Now);

    public void Write(X509Certificate2 leaf, CertificateIssuer authority)
    {
        WriteCertificate(leaf);
        WriteKey(leaf);
        WriteBundle(authority);
    }

    public void WriteCertificate(X509Certificate2 leaf) => File.WriteAllText(PathOf("tls.crt"), leaf.ExportCertificatePem());

    public void WriteKey(X509Certificate2 leaf) => File.WriteAllText(PathOf("tls.key"), KeyOf(leaf));

    public void WriteBundle(params CertificateIssuer[] authorities) =>
        File.WriteAllText(PathOf("ca.crt"), string.Join('\n', authorities.Select(static authority => authority.Anchor.ExportCertificatePem())));

    /// <summary>Lets the source look often enough to adopt what is there.</summary>
    public void Poll(int times = 2)
    {
        for (var i = 0; i < times; i++)
        {
            Time.Advance(Options.PollInterval);
        }
    }

    public List<string> Logged(LogLevel level) => [.. Log.Entries.Where(entry => entry.Level == level).Select(static entry => entry.Message)];

    public static string KeyOf(X509Certificate2 leaf)
    {
        using var key = leaf.GetECDsaPrivateKey()!;

        // Re-imported because the platform only lets an exportable copy out as plaintext.
        using var copy = ECDsa.Create();
        copy.ImportEncryptedPkcs8PrivateKey("x", key.ExportEncryptedPkcs8PrivateKey("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)), out _);
        return copy.ExportPkcs8PrivateKeyPem();
    }

    public void Dispose() => _directory.Dispose();
}
