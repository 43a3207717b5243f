using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity.Verification;

/// <summary>
/// Verifies the path from a leaf to an anchor of its trust domain: RFC 5280 by the platform, then the rules of X.509-SVID
/// for the signing certificates on it. Never goes to the network.
/// </summary>
internal sealed class PathVerifier(
    X509Certificate2 leaf,
    X509Certificate2Collection? presented,
    X509Certificate2Collection anchors,
    SpiffeId id,
    DateTimeOffset now,
    TrustDomainAliases aliases)
{
    // Two intermediates are usual; more than this is an attack on the path builder, not a hierarchy.
    private const int MaxIntermediates = 8;

    private const X509ChainStatusFlags Incomplete = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;

    public PeerVerdict Verify()
    {
        using var chain = new X509Chain();
        try
        {
            return Build(chain) ? Judge(chain) : RefusalReason.Explain(leaf, presented, chain, id, now, aliases);
        }
        catch (CryptographicException)
        {
            // A key that is no point of its curve, a name that is no text: found only when it is used. Its message is the platform's own.
            return PeerVerdict.Refuse(PeerRefusal.Untrusted, $"a certificate on the path of '{id}' is malformed", id);
        }
        finally
        {
            // Elements are copies that only their owner disposes; without this each handshake leaks native handles to the finalizer.
            DisposeElements(chain);
        }
    }

    private bool Build(X509Chain chain)
    {
        Configure(chain.ChainPolicy);
        if (chain.Build(leaf))
        {
            return true;
        }

        // A bundle may hold a signing certificate that is not self-signed, an issuing CA for example, and the platform only
        // ends a path at a root. Let it end anywhere, then demand that it holds an anchor and has no other fault.
        if ((chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, status) => all | status.Status) & ~Incomplete) != 0
            || anchors.All(static anchor => IsSelfIssued(anchor)))
        {
            return false;
        }

        DisposeElements(chain);
        chain.Reset();
        Configure(chain.ChainPolicy);
        chain.ChainPolicy.ExtraStore.AddRange(anchors);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        return chain.Build(leaf) && FindAnchor(chain) > 0;
    }

    private void Configure(X509ChainPolicy policy)
    {
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
    }

    private PeerVerdict Judge(X509Chain chain)
    {
        var anchor = FindAnchor(chain);
        if (anchor <= 0)
        {
            return PeerVerdict.Refuse(PeerRefusal.Untrusted, $"the path of '{id}' holds no anchor of '{id.TrustDomain}'", id);
        }

        for (var i = 1; i <= anchor; i++)
        {
            var certificate = chain.ChainElements[i].Certificate;
            if (CertificateReader.TryRead(certificate) is not { } profile)
            {
                return RefusalReason.Signer(certificate, "it is malformed", id);
            }

            var error = i < anchor
                ? SigningCertificate.FindIntermediateError(profile, id.TrustDomain, aliases)
                : SigningCertificate.FindAnchorError(profile);
            if (error is not null)
            {
                return RefusalReason.Signer(certificate, error, id);
            }

            // How an anchor is signed plays no part: it is trusted as it is.
            if ((Strength.FindKeyWeakness(profile) ?? (i < anchor ? Strength.FindSignatureWeakness(profile) : null)) is { } weakness)
            {
                return PeerVerdict.Refuse(
                    PeerRefusal.WeakCryptography,
                    $"the signing certificate '{RefusalReason.Name(certificate)}' above '{id}' is too weak: {weakness}",
                    id);
            }
        }

        return new PeerVerdict(id, PeerRefusal.None, null);
    }

    // The leaf itself does not count: a workload's certificate in a bundle vouches for nobody.
    private int FindAnchor(X509Chain chain)
    {
        for (var i = 1; i < chain.ChainElements.Count; i++)
        {
            var element = chain.ChainElements[i].Certificate.RawDataMemory.Span;
            foreach (var anchor in anchors)
            {
                if (element.SequenceEqual(anchor.RawDataMemory.Span))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static void DisposeElements(X509Chain chain)
    {
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }
    }
}
