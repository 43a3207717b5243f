using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity;

/// <summary>
/// Issues SVIDs from a signing certificate that is held in memory: the engine of the development CA and of test CAs.
/// Production identities come from cert-manager, SPIRE or a mesh control plane.
/// </summary>
public sealed class CertificateIssuer : IDisposable
{
    // Certificates start a little in the past so that a peer whose clock is behind accepts them at once.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private readonly X509Certificate2 _authority;

    private CertificateIssuer(X509Certificate2 authority, string trustDomain)
    {
        _authority = authority;
        TrustDomain = trustDomain;
        Anchor = X509CertificateLoader.LoadCertificate(authority.RawData);
    }

    /// <summary>The trust domain it issues for.</summary>
    public string TrustDomain { get; }

    /// <summary>Its certificate without the private key: what goes into a trust bundle.</summary>
    public X509Certificate2 Anchor { get; }

    /// <summary>Creates a new self-signed authority (ECDSA P-256).</summary>
    /// <param name="trustDomain">The trust domain it signs for; becomes its own SPIFFE ID.</param>
    /// <param name="commonName">Its subject, for people who read chains.</param>
    /// <param name="lifetime">How long it is valid from now.</param>
    /// <param name="now">The present.</param>
    public static CertificateIssuer Create(string trustDomain, string commonName, TimeSpan lifetime, DateTimeOffset now)
    {
        var id = SpiffeId.Parse($"spiffe://{trustDomain}");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(commonName);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(UriName(id));
        return new CertificateIssuer(request.CreateSelfSigned(now - ClockTolerance, now + lifetime), trustDomain);
    }

    /// <summary>Takes over an authority that was created before.</summary>
    /// <param name="authority">Its certificate with the private key; owned by the result.</param>
    /// <param name="trustDomain">The trust domain it signs for.</param>
    public static CertificateIssuer FromCertificate(X509Certificate2 authority, string trustDomain)
    {
        ArgumentNullException.ThrowIfNull(authority);
        return new CertificateIssuer(authority, trustDomain);
    }

    /// <summary>Issues a leaf (ECDSA P-256, SPIFFE URI SAN, both key purposes) with its private key.</summary>
    /// <param name="id">Who it is for; must be of <see cref="TrustDomain"/>.</param>
    /// <param name="lifetime">How long it is valid from now.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="ArgumentException">The ID belongs to another trust domain.</exception>
    public X509Certificate2 Issue(SpiffeId id, TimeSpan lifetime, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.TrustDomain != TrustDomain)
        {
            throw new ArgumentException($"'{id}' is not of the trust domain '{TrustDomain}' of this authority.", nameof(id));
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(KeyPurpose.ServerAuthentication), new Oid(KeyPurpose.ClientAuthentication)],
            critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        request.CertificateExtensions.Add(UriName(id));

        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] &= 0x7F; // a positive INTEGER

        // A leaf must not outlive or precede its issuer: path validation would refuse it.
        var notBefore = Later(now - ClockTolerance, _authority.NotBefore.ToUniversalTime());
        var notAfter = Earlier(now + lifetime, _authority.NotAfter.ToUniversalTime());
        using var certificate = request.Create(_authority, notBefore, notAfter, serial);
        using var withKey = certificate.CopyWithPrivateKey(key);

        // Re-imported because Windows SChannel cannot use an ephemeral key.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <inheritdoc/>
    public void Dispose() => _authority.Dispose();

    internal string ExportPem() => $"{_authority.ExportCertificatePem()}\n{ExportKeyPem()}\n";

    private string ExportKeyPem()
    {
        using var key = _authority.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static DateTimeOffset Later(DateTimeOffset first, DateTimeOffset second) => first > second ? first : second;

    private static DateTimeOffset Earlier(DateTimeOffset first, DateTimeOffset second) => first < second ? first : second;

    private static X509Extension UriName(SpiffeId id)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(id.ToString()));
        return names.Build(critical: id.Path.Length > 0);
    }
}
