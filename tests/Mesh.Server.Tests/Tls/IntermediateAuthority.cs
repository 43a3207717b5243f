using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Testing;

namespace Mesh.Server.Tests.Tls;

/// <summary>A hierarchy as cert-manager and SPIRE have it: root, intermediate, leaf; only the root is known to peers.</summary>
internal static class IntermediateAuthority
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddMinutes(-5);
    private static readonly DateTimeOffset To = DateTimeOffset.UtcNow.AddHours(1);

    /// <summary>The identity of a server, and that of a caller which sends its intermediate along.</summary>
    public static (TestIdentitySource Server, X509Identity Caller) Issue()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("CN=root", rootKey).CreateSelfSigned(From, To);
        using var intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var intermediate = Authority("CN=intermediate", intermediateKey).Create(root, From, To, [1]);
        using var signing = intermediate.CopyWithPrivateKey(intermediateKey);
        var issuer = CertificateIssuer.FromCertificate(X509CertificateLoader.LoadPkcs12(signing.Export(X509ContentType.Pkcs12), null), "shop.example");
        var trust = new TrustBundles("shop.example", X509CertificateLoader.LoadCertificate(root.RawData));
        return (new TestIdentitySource(Identity("orders")), Identity("storefront"));

        X509Identity Identity(string service) => new(
            issuer.Issue(SpiffeId.ForService("shop.example", "shop", service), TimeSpan.FromMinutes(30), DateTimeOffset.UtcNow),
            [X509CertificateLoader.LoadCertificate(intermediate.RawData)],
            trust);
    }

    private static CertificateRequest Authority(string subject, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }
}
