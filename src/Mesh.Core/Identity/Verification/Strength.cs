using System.Collections.Frozen;

namespace Mesh.Identity.Verification;

/// <summary>Which keys and signatures are strong enough. What is not known to be is refused.</summary>
internal static class Strength
{
    public const string Rsa = "1.2.840.113549.1.1.1";
    public const string RsaPss = "1.2.840.113549.1.1.10";
    public const string EllipticCurve = "1.2.840.10045.2.1";
    public const string Sha1 = "1.3.14.3.2.26";

    // NIST SP 800-57: 2048 bits are the least for 112 bits of strength. The upper bound caps what a peer can make us compute.
    private const int MinModulusBits = 2048;
    private const int MaxModulusBits = 8192;

    private static readonly FrozenSet<string> Hashes = FrozenSet.Create(
        StringComparer.Ordinal,
        "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3", // SHA-256, 384, 512
        "2.16.840.1.101.3.4.2.8", "2.16.840.1.101.3.4.2.9", "2.16.840.1.101.3.4.2.10"); // SHA3-256, 384, 512

    private static readonly FrozenSet<string> Curves = FrozenSet.Create(
        StringComparer.Ordinal,
        "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"); // P-256, P-384, P-521

    // Keys of a fixed strength: Ed25519, Ed448 (RFC 8410), ML-DSA-44, 65, 87 (RFC 9881). They sign under the same identifier.
    private static readonly FrozenSet<string> FixedStrength = FrozenSet.Create(
        StringComparer.Ordinal,
        "1.3.101.112", "1.3.101.113", "2.16.840.1.101.3.4.3.17", "2.16.840.1.101.3.4.3.18", "2.16.840.1.101.3.4.3.19");

    private static readonly FrozenSet<string> Signatures = FrozenSet.Create(
        StringComparer.Ordinal,
        "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", // RSA with SHA-256, 384, 512
        "2.16.840.1.101.3.4.3.14", "2.16.840.1.101.3.4.3.15", "2.16.840.1.101.3.4.3.16", // RSA with SHA3-256, 384, 512
        "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4", // ECDSA with SHA-256, 384, 512
        "2.16.840.1.101.3.4.3.10", "2.16.840.1.101.3.4.3.11", "2.16.840.1.101.3.4.3.12"); // ECDSA with SHA3-256, 384, 512

    /// <summary>What is weak about the key of a certificate, in words; <see langword="null"/> when nothing is.</summary>
    public static string? FindKeyWeakness(CertificateProfile profile) => profile.KeyAlgorithm switch
    {
        Rsa or RsaPss => profile.ModulusBits is >= MinModulusBits and <= MaxModulusBits
            ? null
            : $"its RSA key has {profile.ModulusBits} bits, allowed are {MinModulusBits} to {MaxModulusBits}",
        EllipticCurve => Curves.Contains(profile.Curve!) ? null : "its key is on another curve than P-256, P-384 or P-521",
        _ => FixedStrength.Contains(profile.KeyAlgorithm) ? null : $"its key is of the kind {profile.KeyAlgorithm}, which is not allowed",
    };

    /// <summary>What is weak about how a certificate is signed; <see langword="null"/> when nothing is.</summary>
    public static string? FindSignatureWeakness(CertificateProfile profile)
    {
        var strong = profile.SignatureAlgorithm == RsaPss
            ? Hashes.Contains(profile.SignatureHash!)
            : Signatures.Contains(profile.SignatureAlgorithm) || FixedStrength.Contains(profile.SignatureAlgorithm);
        return strong ? null : $"it is signed with {Describe(profile)}, and SHA-256 is the least";
    }

    private static string Describe(CertificateProfile profile) => (profile.SignatureHash ?? profile.SignatureAlgorithm) switch
    {
        Sha1 or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => "SHA-1",
        "1.2.840.113549.1.1.4" => "MD5",
        var other => $"the algorithm {other}",
    };
}
