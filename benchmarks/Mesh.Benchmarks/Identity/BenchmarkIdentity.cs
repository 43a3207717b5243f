using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Microsoft.Extensions.Primitives;

namespace Mesh.Benchmarks.Identity;

/// <summary>An identity that both the mesh and the platform accept: a SPIFFE ID for the one, a host name for the other.</summary>
internal sealed class BenchmarkIdentity : IIdentitySource
{
    public const string Host = "localhost";

    private static readonly SpiffeId Id = SpiffeId.ForService("bench.example", "default", "bench");

    public BenchmarkIdentity()
    {
        var now = DateTimeOffset.UtcNow;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=benchmark", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        using var signer = authority.CreateSelfSigned(now.AddMinutes(-1), now.AddDays(2));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(Id.ToString()));
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(signer, now.AddMinutes(-1), now.AddDays(1), [1, 2, 3, 4]);

        Anchor = X509CertificateLoader.LoadCertificate(signer.RawData);
        Current = new X509Identity(leaf.CopyWithPrivateKey(key), [], new TrustBundles(Id.TrustDomain, Anchor));
    }

    private BenchmarkIdentity(X509Certificate2 leaf, X509Certificate2 anchor)
    {
        Anchor = anchor;
        Current = new X509Identity(leaf, [], new TrustBundles(Id.TrustDomain, anchor));
    }

    public X509Certificate2 Anchor { get; }

    public X509Identity Current { get; }

    /// <summary>What the platform is to believe: the mesh has its own rules.</summary>
    public X509ChainPolicy PlatformPolicy() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { Anchor },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <summary>The identity that another process has saved.</summary>
    public static BenchmarkIdentity Load(IdentityFiles files) => new(
        X509Certificate2.CreateFromPemFile(files.Leaf, files.Key),
        X509CertificateLoader.LoadCertificateFromFile(files.Anchor));

    /// <summary>Saves it for processes that do not share this one's memory.</summary>
    public void Save(IdentityFiles files)
    {
        using var key = Current.Leaf.GetECDsaPrivateKey()!;
        File.WriteAllText(files.Leaf, Current.Leaf.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.Anchor, Anchor.ExportCertificatePem());
    }

    public IChangeToken GetChangeToken() => new CancellationChangeToken(CancellationToken.None);
}
