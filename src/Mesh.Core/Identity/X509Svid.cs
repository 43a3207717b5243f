using System.Security.Cryptography.X509Certificates;
using Mesh.Identity.Verification;

namespace Mesh.Identity;

/// <summary>Reads the SPIFFE ID of a leaf certificate and checks the leaf rules of the X.509-SVID standard (2, 3.1, 4 and 5.2).</summary>
internal static class X509Svid
{
    /// <summary>The ID, or what rule the leaf breaks.</summary>
    public static (SpiffeId? Id, PeerRefusal Refusal, string? Error) Read(X509Certificate2 leaf)
    {
        if (CertificateReader.TryRead(leaf) is not { } profile)
        {
            return (null, PeerRefusal.NotAnSvid, "it is malformed, or one of its extensions is");
        }

        if (profile.Uris.Count != 1)
        {
            return (null, PeerRefusal.NotAnSvid, $"it must have exactly one URI SAN and has {profile.Uris.Count}");
        }

        if (!SpiffeId.TryParse(profile.Uris[0], out var id, out var error))
        {
            return (null, PeerRefusal.NotAnSvid, $"its URI SAN is not a SPIFFE ID: {error}");
        }

        if (id.Path.Length == 0)
        {
            return (null, PeerRefusal.NotAnSvid, "its SPIFFE ID names a trust domain, not a workload");
        }

        if (!profile.HasSubject && !profile.NamesAreCritical)
        {
            return (null, PeerRefusal.NotAnSvid, "it has no subject, and its alternative names are not critical");
        }

        if (FindUsageError(profile) is { } usage)
        {
            return (null, PeerRefusal.WrongKeyUsage, usage);
        }

        return (Strength.FindKeyWeakness(profile) ?? Strength.FindSignatureWeakness(profile)) is { } weakness
            ? (null, PeerRefusal.WeakCryptography, weakness)
            : (id, PeerRefusal.None, null);
    }

    private static string? FindUsageError(CertificateProfile profile)
    {
        if (profile.IsAuthority)
        {
            return "it is a signing certificate";
        }

        if (profile.KeyUsage is not { } usage)
        {
            return "it has no key usage";
        }

        if (!profile.KeyUsageIsCritical || !profile.Allows(X509KeyUsageFlags.DigitalSignature))
        {
            return "its key usage must be critical and allow digital signatures";
        }

        if ((usage & (X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign)) != 0)
        {
            return "its key usage allows signing certificates or revocation lists";
        }

        return profile.Purposes is null || KeyPurpose.AllowBothRoles(profile.Purposes)
            ? null
            : "its extended key usage must allow both server and client authentication";
    }
}
