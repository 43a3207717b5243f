using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity.Verification;

/// <summary>What the rules of X.509-SVID ask about one certificate, read strictly from its DER.</summary>
internal sealed class CertificateProfile
{
    /// <summary>Its signature algorithm; for RSASSA-PSS with the hash in <see cref="SignatureHash"/>.</summary>
    public required string SignatureAlgorithm { get; init; }

    /// <summary>The hash that the parameters of an RSASSA-PSS signature name; otherwise <see langword="null"/>.</summary>
    public string? SignatureHash { get; init; }

    public required string KeyAlgorithm { get; init; }

    /// <summary>The named curve of an elliptic curve key.</summary>
    public string? Curve { get; init; }

    /// <summary>The length of an RSA modulus.</summary>
    public int ModulusBits { get; init; }

    public required bool HasSubject { get; init; }

    /// <summary>The CA flag of the basic constraints; <see langword="false"/> without them.</summary>
    public bool IsAuthority { get; set; }

    public X509KeyUsageFlags? KeyUsage { get; set; }

    public bool KeyUsageIsCritical { get; set; }

    /// <summary>The extended key usage; <see langword="null"/> without one.</summary>
    public List<string>? Purposes { get; set; }

    /// <summary>The URIs among the subject alternative names.</summary>
    public List<string> Uris { get; } = [];

    public bool NamesAreCritical { get; set; }

    public bool Allows(X509KeyUsageFlags usage) => KeyUsage is { } flags && (flags & usage) == usage;
}
