using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity.Verification;

/// <summary>Reads a certificate (RFC 5280, 4.1) into the facts the SVID rules ask for.</summary>
/// <remarks>
/// The platform's decoders differ in what they forgive. Here a certificate that is not DER, or that repeats an extension, is
/// malformed: two readers that see two different names in one certificate are how identities get forged.
/// </remarks>
internal static class CertificateReader
{
    // An SVID has one URI; a certificate with very many names is an attempt to keep us busy.
    private const int MaxNames = 256;

    private static readonly Asn1Tag Version = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag IssuerUniqueId = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag SubjectUniqueId = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag ExtensionList = new(TagClass.ContextSpecific, 3, isConstructed: true);

    // GeneralName ::= CHOICE { …, uniformResourceIdentifier [6] IA5String, … } (RFC 5280, 4.2.1.6)
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>Reads it, or returns <see langword="null"/> when it is malformed.</summary>
    public static CertificateProfile? TryRead(X509Certificate2 certificate)
    {
        try
        {
            return Read(certificate.RawDataMemory);
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            return null;
        }
    }

    private static CertificateProfile Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var body = certificate.ReadSequence();
        var outerAlgorithm = certificate.PeekEncodedValue();
        var (signature, hash) = ReadSignatureAlgorithm(certificate.ReadSequence());

        if (body.PeekTag().HasSameClassAndValue(Version))
        {
            body.ReadEncodedValue();
        }

        body.ReadIntegerBytes();
        if (!body.ReadEncodedValue().Span.SequenceEqual(outerAlgorithm.Span))
        {
            throw new AsnContentException("The two signature algorithms differ (RFC 5280, 4.1.1.2).");
        }

        body.ReadSequence(); // issuer
        CheckValidity(body.ReadSequence());
        var hasSubject = body.ReadSequence().HasData;
        var key = ReadKey(body.ReadSequence());
        var profile = new CertificateProfile
        {
            SignatureAlgorithm = signature,
            SignatureHash = hash,
            KeyAlgorithm = key.Algorithm,
            Curve = key.Curve,
            ModulusBits = key.Bits,
            HasSubject = hasSubject,
        };
        Skip(body, IssuerUniqueId);
        Skip(body, SubjectUniqueId);
        if (body.HasData)
        {
            ReadExtensions(body.ReadSequence(ExtensionList).ReadSequence(), profile);
        }

        body.ThrowIfNotEmpty();
        return profile;
    }

    // Only the form (RFC 5280, 4.1.2.5): the platform reads the times again, and throws at those that are none.
    private static void CheckValidity(AsnReader validity)
    {
        ReadTime(validity);
        ReadTime(validity);
        validity.ThrowIfNotEmpty();
    }

    private static void ReadTime(AsnReader validity)
    {
        if (validity.PeekTag() == Asn1Tag.UtcTime)
        {
            validity.ReadUtcTime();
        }
        else
        {
            validity.ReadGeneralizedTime();
        }
    }

    private static (string Algorithm, string? Hash) ReadSignatureAlgorithm(AsnReader algorithm)
    {
        var identifier = algorithm.ReadObjectIdentifier();
        if (identifier != Strength.RsaPss)
        {
            return (identifier, null);
        }

        // RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] AlgorithmIdentifier DEFAULT sha1, … } (RFC 4055, 3.1)
        var parameters = algorithm.ReadSequence();
        return parameters.HasData && parameters.PeekTag().HasSameClassAndValue(Version)
            ? (identifier, parameters.ReadSequence(Version).ReadSequence().ReadObjectIdentifier())
            : (identifier, Strength.Sha1);
    }

    private static (string Algorithm, string? Curve, int Bits) ReadKey(AsnReader info)
    {
        var algorithm = info.ReadSequence();
        var identifier = algorithm.ReadObjectIdentifier();
        var key = info.ReadBitString(out _);
        switch (identifier)
        {
            case Strength.EllipticCurve:
                // Anything but a named curve was spelt out by whoever made the key.
                return (identifier, algorithm.PeekTag() == Asn1Tag.ObjectIdentifier ? algorithm.ReadObjectIdentifier() : "", 0);
            case Strength.Rsa or Strength.RsaPss:
                var modulus = new AsnReader(key, AsnEncodingRules.DER).ReadSequence().ReadInteger();
                return (identifier, null, (int)modulus.GetBitLength());
            default:
                return (identifier, null, 0);
        }
    }

    private static void ReadExtensions(AsnReader extensions, CertificateProfile profile)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var identifier = extension.ReadObjectIdentifier();
            var critical = extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean();
            var value = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER);
            extension.ThrowIfNotEmpty();
            if (!seen.Add(identifier))
            {
                throw new AsnContentException("An extension is there twice (RFC 5280, 4.2).");
            }

            ReadExtension(identifier, critical, value, profile);
        }
    }

    private static void ReadExtension(string identifier, bool critical, AsnReader value, CertificateProfile profile)
    {
        switch (identifier)
        {
            case "2.5.29.19": // basicConstraints
                var constraints = value.ReadSequence();
                profile.IsAuthority = constraints.HasData && constraints.PeekTag() == Asn1Tag.Boolean && constraints.ReadBoolean();
                break;
            case "2.5.29.15": // keyUsage
                // The bits of the string are those of the platform's flags, in the order of the first two octets.
                var bits = value.ReadBitString(out _);
                profile.KeyUsage = (X509KeyUsageFlags)((bits.Length > 0 ? bits[0] : 0) | (bits.Length > 1 ? bits[1] << 8 : 0));
                profile.KeyUsageIsCritical = critical;
                break;
            case "2.5.29.37": // extKeyUsage
                ReadPurposes(value.ReadSequence(), profile.Purposes = []);
                break;
            case "2.5.29.17": // subjectAltName
                ReadNames(value.ReadSequence(), profile.Uris);
                profile.NamesAreCritical = critical;
                break;
            default:
                return;
        }

        value.ThrowIfNotEmpty();
    }

    private static void ReadPurposes(AsnReader purposes, List<string> found)
    {
        while (purposes.HasData)
        {
            found.Add(purposes.ReadObjectIdentifier());
        }
    }

    private static void ReadNames(AsnReader names, List<string> uris)
    {
        for (var count = 0; names.HasData; count++)
        {
            if (count == MaxNames)
            {
                throw new AsnContentException("There are too many names.");
            }

            if (names.PeekTag().HasSameClassAndValue(Uri))
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }
    }

    private static void Skip(AsnReader body, Asn1Tag optional)
    {
        if (body.HasData && body.PeekTag().HasSameClassAndValue(optional))
        {
            body.ReadEncodedValue();
        }
    }
}
