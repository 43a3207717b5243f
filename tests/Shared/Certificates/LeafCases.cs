using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Identity;

namespace Mesh.Tests.Certificates;

/// <summary>Leaves that break one rule each.</summary>
internal static class LeafCases
{
    private const string AlternativeNames = "2.5.29.17";
    private const X509KeyUsageFlags Signs = X509KeyUsageFlags.DigitalSignature;

    public static void AddTo(CertificateCorpus corpus)
    {
        AddNames(corpus);
        AddMalformed(corpus);
        AddUsages(corpus);
        AddWeak(corpus);
    }

    private static void AddNames(CertificateCorpus corpus)
    {
        (string Name, string[] Uris)[] cases =
        [
            ("two SPIFFE IDs", ["spiffe://shop.example/a", "spiffe://shop.example/b"]),
            ("the same SPIFFE ID twice", ["spiffe://shop.example/a", "spiffe://shop.example/a"]),
            ("a SPIFFE ID and another URI", ["spiffe://shop.example/a", "https://shop.example/a"]),
            ("URI of another scheme", ["https://shop.example/a"]),
            ("scheme in capitals", ["SPIFFE://shop.example/a"]),
            ("trust domain in capitals", ["spiffe://Shop.example/a"]),
            ("trust domain only", ["spiffe://shop.example"]),
            ("root path", ["spiffe://shop.example/"]),
            ("trailing slash", ["spiffe://shop.example/a/"]),
            ("empty segment", ["spiffe://shop.example//a"]),
            ("dot segments", ["spiffe://shop.example/ns/../a"]),
            ("port", ["spiffe://shop.example:443/a"]),
            ("user", ["spiffe://me@shop.example/a"]),
            ("percent encoding", ["spiffe://shop.example/%61"]),
            ("query", ["spiffe://shop.example/a?b"]),
            ("fragment", ["spiffe://shop.example/a#b"]),
            ("asterisk", ["spiffe://shop.example/*"]),
            ("zero octet", ["spiffe://shop.example/a\0.evil"]),
            ("not ASCII", ["spiffe://shop.example/\u00e4"]),
            ("empty URI", [""]),
            ("ID that is too long", [$"spiffe://shop.example/{new string('x', 2048 - 21)}"]),
        ];
        foreach (var (name, uris) in cases)
        {
            corpus.Refuse(PeerRefusal.NotAnSvid, name, new Forge { Uris = uris });
        }

        var id = Encoding.ASCII.GetBytes("spiffe://shop.example/a");
        corpus.Refuse(PeerRefusal.NotAnSvid, "no alternative names", new Forge { Uris = null });
        corpus.Refuse(PeerRefusal.NotAnSvid, "no URI", new Forge { Uris = [] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "ID as a DNS name", new Forge { Uris = null, Extra = [(AlternativeNames, false, Forge.Names((2, id)))] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "ID as the common name", new Forge { Uris = null, Subject = "CN=spiffe://shop.example/a" });
        corpus.Refuse(PeerRefusal.NotAnSvid, "ID of the issuer", new Forge { Uris = null, Extra = [("2.5.29.18", false, Forge.Names((6, id)))] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "no subject and names not critical", new Forge { Subject = "" });
    }

    private static void AddMalformed(CertificateCorpus corpus)
    {
        var names = Forge.Names((6, "spiffe://shop.example/a"u8.ToArray()));
        var other = Forge.Names((6, "spiffe://shop.example/b"u8.ToArray()));
        corpus.Refuse(PeerRefusal.NotAnSvid, "names twice", new Forge { Extra = [(AlternativeNames, false, other)] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "names cut short", new Forge { Uris = null, Extra = [(AlternativeNames, false, names[..^3])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "names of a wrong type", new Forge { Uris = null, Extra = [(AlternativeNames, false, [4, 1, 0])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "octets after the names", new Forge { Uris = null, Extra = [(AlternativeNames, false, [.. names, 5, 0])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "names of indefinite length", new Forge { Uris = null, Extra = [(AlternativeNames, false, [0x30, 0x80, .. names[2..], 0, 0])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "malformed key usage", new Forge { KeyUsage = null, Extra = [("2.5.29.15", true, [0x30, 0xFF])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "malformed purposes", new Forge { Purposes = null, Extra = [("2.5.29.37", false, [0x30, 0x02, 0x06])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "malformed basic constraints", new Forge { IsAuthority = null, Extra = [("2.5.29.19", true, [0x30, 0x03, 0x01])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "key usage twice", new Forge { Extra = [("2.5.29.15", true, [3, 2, 7, 128])] });
        corpus.Refuse(PeerRefusal.NotAnSvid, "version 1", new Forge { HasExtensions = false });
    }

    private static void AddUsages(CertificateCorpus corpus)
    {
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "signing certificate", new Forge { IsAuthority = true });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "no key usage", new Forge { KeyUsage = null });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "key usage not critical", new Forge { KeyUsageIsCritical = false });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "encipherment only", new Forge { KeyUsage = X509KeyUsageFlags.KeyEncipherment });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "may sign certificates", new Forge { KeyUsage = Signs | X509KeyUsageFlags.KeyCertSign });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "may sign revocation lists", new Forge { KeyUsage = Signs | X509KeyUsageFlags.CrlSign });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "for servers only", new Forge { Purposes = [Forge.ServerAuth] });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "for clients only", new Forge { Purposes = [Forge.ClientAuth] });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "for code only", new Forge { Purposes = [Forge.CodeSigning] });
        corpus.Refuse(PeerRefusal.WrongKeyUsage, "for any purpose, which is not both", new Forge { Purposes = [Forge.AnyPurpose] });
    }

    private static void AddWeak(CertificateCorpus corpus)
    {
        var rsa = corpus.Trust.RsaRoot;
        corpus.Refuse(PeerRefusal.WeakCryptography, "RSA 1024", new Forge { Key = ForgedKey.Rsa1024() });
        corpus.Refuse(PeerRefusal.WeakCryptography, "curve secp256k1", new Forge { Key = ForgedKey.Ec("secp256k1") });
        corpus.Refuse(PeerRefusal.WeakCryptography, "curve P-224", new Forge { Key = ForgedKey.Ec("nistP224") });
        corpus.Refuse(PeerRefusal.WeakCryptography, "signed with SHA-1", new Forge(), rsa with { Key = ForgedKey.Rsa2048(HashAlgorithmName.SHA1) });
        corpus.Refuse(PeerRefusal.WeakCryptography, "signed with MD5", new Forge(), rsa with { Key = ForgedKey.Rsa2048(HashAlgorithmName.MD5) });
        corpus.Refuse(PeerRefusal.WeakCryptography, "signed with RSASSA-PSS and SHA-1", new Forge(), rsa with { Key = ForgedKey.Rsa2048(HashAlgorithmName.SHA1, pss: true) });
    }
}
