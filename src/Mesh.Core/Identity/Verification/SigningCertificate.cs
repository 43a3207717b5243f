using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity.Verification;

/// <summary>The rules for the certificates above a leaf (X.509-SVID, 3.2 and 4).</summary>
internal static class SigningCertificate
{
    /// <summary>What rule a certificate that a peer sent along breaks; <see langword="null"/> when none.</summary>
    /// <param name="profile">The certificate.</param>
    /// <param name="trustDomain">The trust domain of the leaf below it.</param>
    /// <param name="aliases">Names that count as that trust domain.</param>
    public static string? FindIntermediateError(CertificateProfile profile, string trustDomain, TrustDomainAliases aliases)
    {
        if (!profile.IsAuthority)
        {
            return "it is not a signing certificate";
        }

        if (!profile.Allows(X509KeyUsageFlags.KeyCertSign))
        {
            return "its key usage does not allow signing certificates";
        }

        // A purpose limits whatever is below it: this is how OpenSSL, BoringSSL and Go read it too.
        if (profile.Purposes is { } purposes && !KeyPurpose.AllowBothRoles(purposes) && !purposes.Contains(KeyPurpose.Any))
        {
            return "its extended key usage does not allow server and client authentication";
        }

        return FindIdError(profile, trustDomain, aliases);
    }

    /// <summary>What rule a trust anchor breaks; <see langword="null"/> when none.</summary>
    /// <remarks>
    /// An anchor is trusted because the bundle says so, and for the domain the bundle says (RFC 5280, 6.1.1 d). A root
    /// without key usage, as simple tools make it, and one that was named for another domain are therefore good.
    /// </remarks>
    public static string? FindAnchorError(CertificateProfile profile)
    {
        if (!profile.IsAuthority)
        {
            return "it is not a signing certificate";
        }

        return profile.KeyUsage is null || profile.Allows(X509KeyUsageFlags.KeyCertSign)
            ? null
            : "its key usage does not allow signing certificates";
    }

    // A signing certificate need not be an SVID; when it is, the rules for SVIDs hold.
    private static string? FindIdError(CertificateProfile profile, string trustDomain, TrustDomainAliases aliases)
    {
        if (!profile.Uris.Exists(static uri => uri.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        if (profile.Uris.Count > 1)
        {
            return $"it must have one URI SAN and has {profile.Uris.Count}";
        }

        if (!SpiffeId.TryParse(profile.Uris[0], out var id, out var error))
        {
            return $"its URI SAN is not a SPIFFE ID: {error}";
        }

        if (id.Path.Length > 0)
        {
            return $"its SPIFFE ID '{id}' is that of a workload";
        }

        if (!profile.KeyUsageIsCritical)
        {
            return "its key usage must be critical";
        }

        return aliases.AreSame(id.TrustDomain, trustDomain) ? null : $"it is of the trust domain '{id.TrustDomain}'";
    }
}
