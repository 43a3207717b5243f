using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity;

/// <summary>Reads the SPIFFE ID of a leaf certificate and checks the leaf rules of the X.509-SVID standard (2, 4 and 5.2).</summary>
internal static class X509Svid
{
    private const string SubjectAlternativeName = "2.5.29.17";

    // GeneralName ::= CHOICE { …, uniformResourceIdentifier [6] IA5String, … } (RFC 5280, 4.2.1.6)
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The ID, or what rule the leaf breaks.</summary>
    public static (SpiffeId? Id, PeerRefusal Refusal, string? Error) Read(X509Certificate2 leaf)
    {
        try
        {
            return ReadExtensions(leaf);
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            return (null, PeerRefusal.NotAnSvid, "one of its extensions is malformed");
        }
    }

    private static (SpiffeId? Id, PeerRefusal Refusal, string? Error) ReadExtensions(X509Certificate2 leaf)
    {
        var uris = ReadUris(leaf);
        if (uris.Count != 1)
        {
            return (null, PeerRefusal.NotAnSvid, $"it must have exactly one URI SAN and has {uris.Count}");
        }

        if (!SpiffeId.TryParse(uris[0], out var id, out var error))
        {
            return (null, PeerRefusal.NotAnSvid, $"its URI SAN is not a SPIFFE ID: {error}");
        }

        if (id.Path.Length == 0)
        {
            return (null, PeerRefusal.NotAnSvid, "its SPIFFE ID names a trust domain, not a workload");
        }

        return FindUsageError(leaf) is { } usage ? (null, PeerRefusal.WrongKeyUsage, usage) : (id, PeerRefusal.None, null);
    }

    private static List<string> ReadUris(X509Certificate2 leaf)
    {
        List<string> uris = [];
        foreach (var extension in leaf.Extensions)
        {
            if (extension.Oid?.Value != SubjectAlternativeName)
            {
                continue;
            }

            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(UriTag))
                {
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }

        return uris;
    }

    private static string? FindUsageError(X509Certificate2 leaf)
    {
        var hasKeyUsage = false;
        foreach (var extension in leaf.Extensions)
        {
            switch (extension)
            {
                case X509BasicConstraintsExtension { CertificateAuthority: true }:
                    return "it is a signing certificate";
                case X509KeyUsageExtension usage:
                    hasKeyUsage = true;
                    if (!usage.Critical || !usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature))
                    {
                        return "its key usage must be critical and allow digital signatures";
                    }

                    if ((usage.KeyUsages & (X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign)) != 0)
                    {
                        return "its key usage allows signing certificates or revocation lists";
                    }

                    break;
                case X509EnhancedKeyUsageExtension extended when !AllowsBothRoles(extended):
                    return "its extended key usage must allow both server and client authentication";
                default:
                    break;
            }
        }

        return hasKeyUsage ? null : "it has no key usage";
    }

    private static bool AllowsBothRoles(X509EnhancedKeyUsageExtension extension)
    {
        bool server = false, client = false;
        foreach (var usage in extension.EnhancedKeyUsages)
        {
            server |= usage.Value == KeyPurpose.ServerAuthentication;
            client |= usage.Value == KeyPurpose.ClientAuthentication;
        }

        return server && client;
    }
}
