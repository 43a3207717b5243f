using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity;

/// <summary>
/// Verifies a peer's certificate as an X.509-SVID. Host names play no part: who the peer is stands in its SPIFFE ID,
/// and who it should be is the caller's to compare.
/// </summary>
public static class PeerVerifier
{
    // Two intermediates are usual; more than this is an attack on the path builder, not a hierarchy.
    private const int MaxIntermediates = 8;

    /// <summary>Verifies <paramref name="leaf"/> against the bundle of the trust domain it names.</summary>
    /// <param name="leaf">What the peer presented, or <see langword="null"/>.</param>
    /// <param name="presented">The other certificates it sent; may be <see langword="null"/>.</param>
    /// <param name="trust">The bundles to verify against.</param>
    /// <param name="now">The time to verify at.</param>
    public static PeerVerdict Verify(X509Certificate2? leaf, X509Certificate2Collection? presented, TrustBundles trust, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(trust);
        if (leaf is null)
        {
            return PeerVerdict.Refuse(PeerRefusal.NoCertificate, "the peer presented no certificate");
        }

        var svid = X509Svid.Read(leaf);
        if (svid.Id is null)
        {
            return PeerVerdict.Refuse(svid.Refusal, $"the peer's certificate is not an X.509-SVID: {svid.Error}");
        }

        if (trust.Find(svid.Id.TrustDomain) is not { Count: > 0 } anchors)
        {
            return PeerVerdict.Refuse(
                PeerRefusal.UnknownTrustDomain,
                $"the peer is '{svid.Id}' and there is no bundle for its trust domain; known: {string.Join(", ", trust.TrustDomains)}",
                svid.Id);
        }

        return VerifyPath(leaf, presented, anchors, svid.Id, now);
    }

    private static PeerVerdict VerifyPath(
        X509Certificate2 leaf,
        X509Certificate2Collection? presented,
        X509Certificate2Collection anchors,
        SpiffeId id,
        DateTimeOffset now)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(anchors);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = now.UtcDateTime;
        policy.VerificationTimeIgnored = false;
        for (var i = 0; i < Math.Min(presented?.Count ?? 0, MaxIntermediates); i++)
        {
            policy.ExtraStore.Add(presented![i]);
        }

        try
        {
            return chain.Build(leaf) ? new PeerVerdict(id, PeerRefusal.None, null) : Explain(leaf, chain, id, now);
        }
        finally
        {
            // Elements are copies that only their owner disposes; without this each handshake leaks native handles to the finalizer.
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static PeerVerdict Explain(X509Certificate2 leaf, X509Chain chain, SpiffeId id, DateTimeOffset now)
    {
        var notAfter = leaf.NotAfter.ToUniversalTime();
        if (notAfter < now.UtcDateTime)
        {
            return PeerVerdict.Refuse(PeerRefusal.Expired, $"the certificate of '{id}' expired {Describe(now.UtcDateTime - notAfter)} ago", id);
        }

        var notBefore = leaf.NotBefore.ToUniversalTime();
        if (notBefore > now.UtcDateTime)
        {
            return PeerVerdict.Refuse(
                PeerRefusal.NotYetValid,
                $"the certificate of '{id}' is not valid for another {Describe(notBefore - now.UtcDateTime)}; compare the clocks",
                id);
        }

        var timeOnly = chain.ChainStatus.All(static status => status.Status is X509ChainStatusFlags.NotTimeValid);
        return timeOnly
            ? PeerVerdict.Refuse(PeerRefusal.Expired, $"a signing certificate above '{id}' is outside its validity period", id)
            : PeerVerdict.Refuse(
                PeerRefusal.Untrusted,
                $"the certificate of '{id}' does not lead to an anchor of '{id.TrustDomain}' ({string.Join(", ", chain.ChainStatus.Select(static s => s.Status))})",
                id);
    }

    private static string Describe(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds} s");
}
