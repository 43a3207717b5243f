using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Identity.Verification;

namespace Mesh.Tool.Certificates;

/// <summary>A certificate in words, with what matters to the mesh first.</summary>
internal static class CertificateText
{
    public static void Write(TextWriter output, X509Certificate2 certificate, DateTimeOffset now)
    {
        var profile = CertificateReader.TryRead(certificate);
        Line(output, "SPIFFE ID", profile switch
        {
            null => "(the certificate, or one of its extensions, is malformed)",
            { Uris: [] } => "(none)",
            var read => string.Join(", ", read.Uris),
        });
        Line(output, "subject", certificate.Subject.Length == 0 ? "(none)" : certificate.Subject);
        Line(output, "issuer", certificate.Issuer);
        Line(output, "serial", certificate.SerialNumber);
        Line(output, "valid", $"{TerminalText.Time(certificate.NotBefore)} to {TerminalText.Time(certificate.NotAfter)} ({Remaining(certificate, now)})");
        Line(output, "key", KeyOf(certificate, profile));
        Line(output, "signature", certificate.SignatureAlgorithm.FriendlyName ?? certificate.SignatureAlgorithm.Value ?? "(unknown)");
        Line(output, "usage", UsageOf(profile));
        Line(output, "SHA-256", certificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    private static void Line(TextWriter output, string name, string value) => output.WriteLine($"  {name,-10} {TerminalText.Clean(value)}");

    private static string Remaining(X509Certificate2 certificate, DateTimeOffset now)
    {
        DateTimeOffset from = certificate.NotBefore, until = certificate.NotAfter;
        return now < from ? $"not valid for another {TerminalText.Span(from - now)}"
            : now > until ? $"expired {TerminalText.Span(now - until)} ago"
            : $"{TerminalText.Span(until - now)} left";
    }

    private static string KeyOf(X509Certificate2 certificate, CertificateProfile? profile)
    {
        var algorithm = certificate.PublicKey.Oid.FriendlyName ?? certificate.PublicKey.Oid.Value ?? "(unknown)";
        return profile switch
        {
            { ModulusBits: > 0 } => $"{algorithm}, {profile.ModulusBits} bits",
            { Curve: { } curve } => $"{algorithm}, {new Oid(curve).FriendlyName ?? curve}",
            _ => algorithm,
        };
    }

    private static string UsageOf(CertificateProfile? profile)
    {
        if (profile is null)
        {
            return "(unknown)";
        }

        var parts = new List<string>();
        if (profile.IsAuthority)
        {
            parts.Add("CA");
        }

        if (profile.KeyUsage is { } usage)
        {
            parts.Add($"{usage}{(profile.KeyUsageIsCritical ? "" : " (not critical)")}");
        }

        parts.AddRange((profile.Purposes ?? []).Select(static purpose => new Oid(purpose).FriendlyName ?? purpose));
        return parts.Count == 0 ? "(none)" : string.Join("; ", parts);
    }
}
