using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Core.Tests.Identity;

/// <summary>Makes leaf certificates that break one rule each.</summary>
internal sealed class TestLeaf
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public string[] Uris { get; init; } = ["spiffe://shop.example/ns/shop/sa/orders"];

    public bool IsAuthority { get; init; }

    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public bool KeyUsageIsCritical { get; init; } = true;

    public string[]? Purposes { get; init; } = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

    public X509Extension? Extra { get; init; }

    public DateTimeOffset NotBefore { get; init; } = Now.AddHours(-1);

    public DateTimeOffset NotAfter { get; init; } = Now.AddHours(1);

    public X509Certificate2 Sign(X509Certificate2 issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(key).Create(issuer, NotBefore, NotAfter, RandomNumberGenerator.GetBytes(8));
    }

    /// <summary>Signs for a key that the caller keeps.</summary>
    public X509Certificate2 SignFor(X509Certificate2 issuer, ECDsa key) => Request(key).Create(issuer, NotBefore, NotAfter, RandomNumberGenerator.GetBytes(8));

    /// <summary>Signs with a certificate that has no right to sign.</summary>
    public X509Certificate2 SignUnchecked(X509Certificate2 issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuerKey = issuer.GetECDsaPrivateKey()!;
        return Request(key).Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), NotBefore, NotAfter, RandomNumberGenerator.GetBytes(8));
    }

    private CertificateRequest Request(ECDsa key)
    {
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(IsAuthority, false, 0, true));
        if (KeyUsage is { } usage)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, KeyUsageIsCritical));
        }

        if (Purposes is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. Purposes.Select(static purpose => new Oid(purpose))], false));
        }

        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("orders.example");
        foreach (var uri in Uris)
        {
            names.AddUri(new Uri(uri));
        }

        request.CertificateExtensions.Add(names.Build());
        if (Extra is not null)
        {
            request.CertificateExtensions.Add(Extra);
        }

        return request;
    }

    /// <summary>A signing certificate with its key; signed by <paramref name="issuer"/>, or by itself.</summary>
    public static X509Certificate2 Authority(string name, X509Certificate2? issuer = null, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        if (issuer is null)
        {
            return request.CreateSelfSigned(Now.AddDays(-30), notAfter ?? Now.AddDays(30));
        }

        using var certificate = request.Create(issuer, Now.AddDays(-29), notAfter ?? Now.AddDays(29), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
