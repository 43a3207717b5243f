using System.Security.Cryptography.X509Certificates;
using Mesh.Identity.Verification;

namespace Mesh.Identity;

/// <summary>
/// Verifies a peer's certificate as an X.509-SVID. Host names play no part: who the peer is stands in its SPIFFE ID,
/// and who it should be is the caller's to compare.
/// </summary>
public static class PeerVerifier
{
    /// <summary>Verifies <paramref name="leaf"/> against the bundle of the trust domain it names.</summary>
    /// <param name="leaf">What the peer presented, or <see langword="null"/>.</param>
    /// <param name="presented">The other certificates it sent; may be <see langword="null"/>.</param>
    /// <param name="trust">The bundles to verify against.</param>
    /// <param name="now">The time to verify at.</param>
    /// <param name="aliases">The names that count as one trust domain; default none.</param>
    public static PeerVerdict Verify(
        X509Certificate2? leaf,
        X509Certificate2Collection? presented,
        TrustBundles trust,
        DateTimeOffset now,
        TrustDomainAliases? aliases = null)
    {
        ArgumentNullException.ThrowIfNull(trust);
        aliases ??= TrustDomainAliases.None;
        if (leaf is null)
        {
            return PeerVerdict.Refuse(PeerRefusal.NoCertificate, "the peer presented no certificate");
        }

        var svid = X509Svid.Read(leaf);
        if (svid.Id is null)
        {
            return PeerVerdict.Refuse(svid.Refusal, $"the peer's certificate is not an X.509-SVID: {svid.Error}");
        }

        if (trust.Find(svid.Id.TrustDomain, aliases) is not { Count: > 0 } anchors)
        {
            return PeerVerdict.Refuse(
                PeerRefusal.UnknownTrustDomain,
                $"the peer is '{svid.Id}' and there is no bundle for its trust domain; known: {string.Join(", ", trust.TrustDomains)}",
                svid.Id);
        }

        return new PathVerifier(leaf, presented, anchors, svid.Id, now, aliases).Verify();
    }
}
