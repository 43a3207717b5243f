using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Mesh.Tests.Certificates;

/// <summary>A key and the algorithm it signs certificates with, good or bad.</summary>
internal sealed class ForgedKey
{
    private static readonly Lazy<RSA> SharedRsa = new(static () => RSA.Create(2048));

    private readonly AsymmetricAlgorithm _key;
    private readonly HashAlgorithmName _hash;
    private readonly bool _pss;

    private ForgedKey(AsymmetricAlgorithm key, HashAlgorithmName hash, bool pss = false)
    {
        _key = key;
        _hash = hash;
        _pss = pss;
    }

    public static ForgedKey Ec(string curve = "nistP256") =>
        new(ECDsa.Create(ECCurve.CreateFromFriendlyName(curve)), curve == "nistP384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256);

    /// <summary>One RSA key for all who need one of a good length: making them is slow.</summary>
    public static ForgedKey Rsa2048(HashAlgorithmName? hash = null, bool pss = false) => new(SharedRsa.Value, hash ?? HashAlgorithmName.SHA256, pss);

    public static ForgedKey Rsa1024() => new(RSA.Create(1024), HashAlgorithmName.SHA256);

    public byte[] PublicKeyInfo => _key.ExportSubjectPublicKeyInfo();

    public ECDsa? EllipticCurve => _key as ECDsa;

    public RSA? Rsa => _key as RSA;

    public string ExportPem() => _key.ExportPkcs8PrivateKeyPem();

    public byte[] Sign(byte[] data) => _key switch
    {
        ECDsa ec => ec.SignData(data, _hash, DSASignatureFormat.Rfc3279DerSequence),
        RSA rsa => rsa.SignData(data, _hash, _pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
        _ => throw new NotSupportedException(),
    };

    /// <summary>The AlgorithmIdentifier of its signatures.</summary>
    public byte[] Algorithm()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(AlgorithmOid());
            if (_pss)
            {
                WritePssParameters(writer);
            }
            else if (_key is RSA)
            {
                writer.WriteNull();
            }
        }

        return writer.Encode();
    }

    private string AlgorithmOid() => (_key, _pss, _hash.Name) switch
    {
        (RSA, true, _) => "1.2.840.113549.1.1.10",
        (RSA, _, "MD5") => "1.2.840.113549.1.1.4",
        (RSA, _, "SHA1") => "1.2.840.113549.1.1.5",
        (RSA, _, _) => "1.2.840.113549.1.1.11",
        (_, _, "SHA384") => "1.2.840.10045.4.3.3",
        _ => "1.2.840.10045.4.3.2",
    };

    private void WritePssParameters(AsnWriter writer)
    {
        using var parameters = writer.PushSequence();
        if (_hash == HashAlgorithmName.SHA1)
        {
            return; // all defaults
        }

        Hash(new Asn1Tag(TagClass.ContextSpecific, 0));
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.1.8"); // MGF1
            using var hash = writer.PushSequence();
            writer.WriteObjectIdentifier("2.16.840.1.101.3.4.2.1");
        }

        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
        {
            writer.WriteInteger(32);
        }

        void Hash(Asn1Tag tag)
        {
            using var explicitTag = writer.PushSequence(tag);
            using var algorithm = writer.PushSequence();
            writer.WriteObjectIdentifier("2.16.840.1.101.3.4.2.1");
        }
    }
}
