using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity.Verification;

/// <summary>Finds the reason, with words for it, why a path could not be built.</summary>
internal static class RefusalReason
{
    private const X509ChainStatusFlags SignerFaults = X509ChainStatusFlags.InvalidBasicConstraints
        | X509ChainStatusFlags.InvalidNameConstraints
        | X509ChainStatusFlags.HasNotSupportedNameConstraint
        | X509ChainStatusFlags.HasNotDefinedNameConstraint
        | X509ChainStatusFlags.HasNotPermittedNameConstraint
        | X509ChainStatusFlags.HasExcludedNameConstraint
        | X509ChainStatusFlags.NotValidForUsage;

    public static PeerVerdict Explain(
        X509Certificate2 leaf,
        X509Certificate2Collection? presented,
        X509Chain chain,
        SpiffeId id,
        DateTimeOffset now,
        TrustDomainAliases aliases)
    {
        if (FindTimeError(leaf, now) is { } timing)
        {
            return PeerVerdict.Refuse(timing.Refusal, $"the certificate of '{id}' {timing.Detail}", id);
        }

        // A certificate without the right to sign does not become part of the path: look for it where it came from.
        if (FindWrongSigner(leaf, presented, id, aliases) is { } wrong)
        {
            return wrong;
        }

        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, item) => all | item.Status);
        if (status == X509ChainStatusFlags.NotTimeValid)
        {
            var late = chain.ChainElements.Select(static element => element.Certificate).First(certificate => FindTimeError(certificate, now) is not null);
            var error = FindTimeError(late, now)!.Value;
            return PeerVerdict.Refuse(error.Refusal, $"the signing certificate '{Name(late)}' above '{id}' {error.Detail}", id);
        }

        var refusal = (status & SignerFaults) != 0 && (status & ~SignerFaults) == 0 ? PeerRefusal.WrongSigner : PeerRefusal.Untrusted;
        return PeerVerdict.Refuse(refusal, $"the certificate of '{id}' does not lead to an anchor of '{id.TrustDomain}' ({status})", id);
    }

    public static PeerVerdict Signer(X509Certificate2 certificate, string error, SpiffeId id) =>
        PeerVerdict.Refuse(PeerRefusal.WrongSigner, $"the certificate '{Name(certificate)}' may not sign for '{id}': {error}", id);

    /// <summary>A subject for messages: it comes from a stranger, so it is cut and its control characters go.</summary>
    public static string Name(X509Certificate2 certificate)
    {
        var name = certificate.Subject is { Length: > 0 } subject ? subject : $"serial number {certificate.SerialNumber}";
        return string.Concat((name.Length <= 128 ? name : $"{name[..128]}…").Select(static c => char.IsControl(c) ? '?' : c));
    }

    private static (PeerRefusal Refusal, string Detail)? FindTimeError(X509Certificate2 certificate, DateTimeOffset now)
    {
        var notAfter = certificate.NotAfter.ToUniversalTime();
        if (notAfter < now.UtcDateTime)
        {
            return (PeerRefusal.Expired, $"expired {Describe(now.UtcDateTime - notAfter)} ago");
        }

        var notBefore = certificate.NotBefore.ToUniversalTime();
        return notBefore > now.UtcDateTime
            ? (PeerRefusal.NotYetValid, $"is not valid for another {Describe(notBefore - now.UtcDateTime)}; compare the clocks")
            : null;
    }

    private static PeerVerdict? FindWrongSigner(X509Certificate2 leaf, X509Certificate2Collection? presented, SpiffeId id, TrustDomainAliases aliases)
    {
        var issuer = leaf.IssuerName.RawData;
        foreach (var candidate in presented ?? [])
        {
            // TLS stacks count the leaf among what was sent, and a self-signed one is named as its own issuer.
            if (candidate.SubjectName.RawData.AsSpan().SequenceEqual(issuer)
                && !candidate.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)
                && CertificateReader.TryRead(candidate) is { } profile
                && SigningCertificate.FindIntermediateError(profile, id.TrustDomain, aliases) is { } error)
            {
                return Signer(candidate, error, id);
            }
        }

        return null;
    }

    private static string Describe(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds} s");
}
