using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Tests.Certificates;

/// <summary>
/// Writes certificates octet by octet, so that any rule can be broken. The defaults are those of a good leaf.
/// </summary>
internal sealed class Forge
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string AnyPurpose = "2.5.29.37.0";

    public string Subject { get; init; } = "CN=leaf";

    public ForgedKey Key { get; init; } = ForgedKey.Ec();

    public string[]? Uris { get; init; } = ["spiffe://shop.example/ns/shop/sa/orders"];

    public bool NamesAreCritical { get; init; }

    /// <summary>The CA flag; <see langword="null"/> leaves the basic constraints out.</summary>
    public bool? IsAuthority { get; init; } = false;

    public int? PathLength { get; init; }

    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public bool KeyUsageIsCritical { get; init; } = true;

    public string[]? Purposes { get; init; } = [ServerAuth, ClientAuth];

    /// <summary>Extensions written after the usual ones: object identifier, critical, value.</summary>
    public (string Oid, bool Critical, byte[] Value)[] Extra { get; init; } = [];

    public bool HasExtensions { get; init; } = true;

    public TimeSpan From { get; init; } = TimeSpan.FromHours(-1);

    public TimeSpan Until { get; init; } = TimeSpan.FromHours(1);

    public bool SignatureIsTrue { get; init; } = true;

    /// <summary>A signing certificate of this name.</summary>
    public static Forge Authority(
        string name,
        string[]? uris = null,
        ForgedKey? key = null,
        bool? isAuthority = true,
        X509KeyUsageFlags? usage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
        bool usageIsCritical = true,
        string[]? purposes = null,
        int? pathLength = null,
        double fromDays = -30,
        double untilDays = 30,
        params (string, bool, byte[])[] extra) => new()
    {
        Subject = $"CN={name}",
        Key = key ?? ForgedKey.Ec(),
        Uris = uris,
        IsAuthority = isAuthority,
        PathLength = pathLength,
        KeyUsage = usage,
        KeyUsageIsCritical = usageIsCritical,
        Purposes = purposes,
        From = TimeSpan.FromDays(fromDays),
        Until = TimeSpan.FromDays(untilDays),
        Extra = extra,
    };

    public Forged SelfSigned(DateTimeOffset now) => Sign(null, now);

    public Forged Sign(Forged? issuer, DateTimeOffset now)
    {
        var signer = issuer?.Key ?? Key;
        var body = new AsnWriter(AsnEncodingRules.DER);
        using (body.PushSequence())
        {
            if (HasExtensions)
            {
                using var version = body.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
                body.WriteInteger(2);
            }

            body.WriteIntegerUnsigned([0x40, .. RandomNumberGenerator.GetBytes(7)]);
            body.WriteEncodedValue(signer.Algorithm());
            body.WriteEncodedValue(issuer?.Certificate.SubjectName.RawData ?? new X500DistinguishedName(Subject).RawData);
            using (body.PushSequence())
            {
                body.WriteUtcTime(now + From);
                body.WriteUtcTime(now + Until);
            }

            body.WriteEncodedValue(new X500DistinguishedName(Subject).RawData);
            body.WriteEncodedValue(Key.PublicKeyInfo);
            if (HasExtensions)
            {
                using var explicitTag = body.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
                using var list = body.PushSequence();
                WriteExtensions(body);
            }
        }

        var tbs = body.Encode();
        var signature = signer.Sign(tbs);
        if (!SignatureIsTrue)
        {
            signature = signer.Sign([.. tbs, 0]);
        }

        var certificate = new AsnWriter(AsnEncodingRules.DER);
        using (certificate.PushSequence())
        {
            certificate.WriteEncodedValue(tbs);
            certificate.WriteEncodedValue(signer.Algorithm());
            certificate.WriteBitString(signature);
        }

        return new Forged(X509CertificateLoader.LoadCertificate(certificate.Encode()), Key);
    }

    public static byte[] Names(params (int Tag, byte[] Value)[] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (tag, value) in names)
            {
                writer.WriteOctetString(value, new Asn1Tag(TagClass.ContextSpecific, tag));
            }
        }

        return writer.Encode();
    }

    private void WriteExtensions(AsnWriter writer)
    {
        if (IsAuthority is { } authority)
        {
            Write(writer, "2.5.29.19", true, new X509BasicConstraintsExtension(authority, PathLength is not null, PathLength ?? 0, true).RawData);
        }

        if (KeyUsage is { } usage)
        {
            Write(writer, "2.5.29.15", KeyUsageIsCritical, new X509KeyUsageExtension(usage, true).RawData);
        }

        if (Purposes is not null)
        {
            Write(writer, "2.5.29.37", false, new X509EnhancedKeyUsageExtension([.. Purposes.Select(static purpose => new Oid(purpose))], false).RawData);
        }

        if (Uris is not null)
        {
            Write(writer, "2.5.29.17", NamesAreCritical, Names([.. Uris.Select(static uri => (6, Encoding.Latin1.GetBytes(uri)))]));
        }

        foreach (var (oid, critical, value) in Extra)
        {
            Write(writer, oid, critical, value);
        }
    }

    private static void Write(AsnWriter writer, string oid, bool critical, byte[] value)
    {
        using var extension = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        if (critical)
        {
            writer.WriteBoolean(true);
        }

        writer.WriteOctetString(value);
    }
}
