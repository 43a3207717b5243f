using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Tests.Certificates;

/// <summary>Good leaves on paths that are not.</summary>
internal static class PathCases
{
    public static void AddTo(CertificateCorpus corpus)
    {
        AddUnknown(corpus);
        AddTimes(corpus);
        AddUntrusted(corpus);
        AddWrongSigners(corpus);
        AddWeak(corpus);
    }

    /// <summary>A critical extension that limits the host part of URIs (RFC 5280, 4.2.1.10).</summary>
    public static (string, bool, byte[]) UriConstraint(bool permitted, string host)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, permitted ? 0 : 1)))
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, host, new Asn1Tag(TagClass.ContextSpecific, 6));
        }

        return ("2.5.29.30", true, writer.Encode());
    }

    private static void AddUnknown(CertificateCorpus corpus)
    {
        corpus.Refuse(PeerRefusal.UnknownTrustDomain, "unknown trust domain", new Forge { Uris = ["spiffe://unknown.example/a"] });
        corpus.Refuse(PeerRefusal.UnknownTrustDomain, "part of a known trust domain", new Forge { Uris = ["spiffe://example/a"] });
        corpus.Refuse(PeerRefusal.UnknownTrustDomain, "host below a known trust domain", new Forge { Uris = ["spiffe://eu.shop.example/a"] });
        corpus.Refuse(PeerRefusal.UnknownTrustDomain, "bundle without anchors", new Forge { Uris = ["spiffe://empty.example/a"] });
    }

    private static void AddTimes(CertificateCorpus corpus)
    {
        var trust = corpus.Trust;
        var expired = Forge.Authority("expired", untilDays: -1).Sign(trust.Root, trust.Now);
        var early = Forge.Authority("early", fromDays: 1).Sign(trust.Root, trust.Now);
        corpus.Refuse(PeerRefusal.Expired, "expired", new Forge { Until = TimeSpan.FromMinutes(-1) });
        corpus.Refuse(PeerRefusal.NotYetValid, "not valid yet", new Forge { From = TimeSpan.FromMinutes(30) });
        corpus.Refuse(PeerRefusal.Expired, "expired intermediate", new Forge(), expired, expired);
        corpus.Refuse(PeerRefusal.NotYetValid, "intermediate that is not valid yet", new Forge(), early, early);
        corpus.Refuse(PeerRefusal.Expired, "expired anchor", new Forge(), trust.OldRoot);
    }

    private static void AddUntrusted(CertificateCorpus corpus)
    {
        var trust = corpus.Trust;
        var now = trust.Now;
        var stranger = Forge.Authority("root", ["spiffe://shop.example"]).SelfSigned(now);
        var intermediate = Forge.Authority("unsent").Sign(trust.Root, now);
        var namesake = Forge.Authority("unsent").SelfSigned(now);
        var sibling = Forge.Authority("sibling").Sign(trust.HiddenRoot, now);
        var issued = new Forge { Uris = ["spiffe://issuing.example/a"] };
        corpus.Refuse(PeerRefusal.Untrusted, "anchor of another trust domain", new Forge { Uris = ["spiffe://other.example/a"] });
        corpus.Refuse(PeerRefusal.Untrusted, "federated anchor for the own trust domain", new Forge(), trust.OtherRoot);
        corpus.Refuse(PeerRefusal.Untrusted, "alias with a bundle, signed by the own authority", new Forge { Uris = ["spiffe://former.example/a"] });
        corpus.Refuse(PeerRefusal.Untrusted, "stranger with the name of the root", new Forge(), stranger, stranger);
        corpus.Refuse(PeerRefusal.Untrusted, "stranger with the name of an intermediate", new Forge(), namesake, intermediate);
        corpus.Refuse(PeerRefusal.Untrusted, "intermediate not sent", new Forge(), intermediate);
        corpus.Refuse(PeerRefusal.Untrusted, "false signature", new Forge { SignatureIsTrue = false });
        corpus.Refuse(PeerRefusal.Untrusted, "sibling of an anchor that is not self-signed", issued, sibling, sibling, trust.HiddenRoot);
        corpus.Refuse(PeerRefusal.Untrusted, "stranger with the name of an anchor that is not self-signed", issued, Forge.Authority("issuing").SelfSigned(now));
        corpus.Refuse(PeerRefusal.Untrusted, "false signature below an anchor that is not self-signed",
            new Forge { Uris = issued.Uris, SignatureIsTrue = false }, trust.IssuingAuthority, trust.IssuingAuthority);
        corpus.Refuse(PeerRefusal.Untrusted, "root above an anchor that is not self-signed", issued, trust.HiddenRoot, trust.HiddenRoot);
        corpus.Refuse(PeerRefusal.Untrusted, "unknown critical extension", new Forge { Extra = [("1.2.3.4", true, [5, 0])] });
        corpus.Add(PeerRefusal.Untrusted, "self-signed", new Forge().SelfSigned(now));
        corpus.Add(PeerRefusal.Untrusted, "its own anchor", trust.LoneLeaf);
    }

    private static void AddWrongSigners(CertificateCorpus corpus)
    {
        var now = corpus.Trust.Now;
        var root = corpus.Trust.Root;
        Signer("workload", new Forge { Subject = "CN=workload" });
        Signer("no CA", Forge.Authority("no CA", isAuthority: false));
        Signer("no basic constraints", Forge.Authority("no constraints", isAuthority: null));
        Signer("may not sign certificates", Forge.Authority("no signer", usage: X509KeyUsageFlags.CrlSign));
        Signer("no key usage", Forge.Authority("no usage", usage: null));
        Signer("for code", Forge.Authority("code", purposes: [Forge.CodeSigning]));
        Signer("for servers", Forge.Authority("servers", purposes: [Forge.ServerAuth]));
        Signer("of another trust domain", Forge.Authority("foreign", ["spiffe://other.example"]));
        Signer("with a workload's ID", Forge.Authority("path", ["spiffe://shop.example/a"]));
        Signer("with a malformed ID", Forge.Authority("malformed", ["spiffe://shop.example:80"]));
        Signer("with two IDs", Forge.Authority("two", ["spiffe://shop.example", "spiffe://other.example"]));
        Signer("with an ID and key usage not critical", Forge.Authority("lax", ["spiffe://shop.example"], usageIsCritical: false));
        Signer("limited to another trust domain", Forge.Authority("permitted", extra: UriConstraint(permitted: true, "other.example")));
        Signer("excluded from the trust domain", Forge.Authority("excluded", extra: UriConstraint(permitted: false, "shop.example")));

        var last = Forge.Authority("last", pathLength: 0).Sign(root, now);
        var tooDeep = Forge.Authority("too deep").Sign(last, now);
        corpus.Refuse(PeerRefusal.WrongSigner, "signer below the allowed depth", new Forge(), tooDeep, tooDeep, last);
        corpus.Refuse(PeerRefusal.WrongSigner, "anchor that is no CA", new Forge { Uris = ["spiffe://no-authority.example/a"] }, corpus.Trust.NoAuthority);
        corpus.Refuse(PeerRefusal.WrongSigner, "anchor that may not sign", new Forge { Uris = ["spiffe://no-signer.example/a"] }, corpus.Trust.NoSigner);

        void Signer(string name, Forge forge)
        {
            var signer = forge.Sign(root, now);
            corpus.Refuse(PeerRefusal.WrongSigner, $"signer {name}", new Forge(), signer, signer);
        }
    }

    private static void AddWeak(CertificateCorpus corpus)
    {
        var trust = corpus.Trust;
        var shortKey = Forge.Authority("short", key: ForgedKey.Rsa1024()).Sign(trust.Root, trust.Now);
        var weakHash = Forge.Authority("weak hash").Sign(trust.RsaRoot with { Key = ForgedKey.Rsa2048(HashAlgorithmName.SHA1) }, trust.Now);
        corpus.Refuse(PeerRefusal.WeakCryptography, "RSA 1024 intermediate", new Forge(), shortKey, shortKey);
        corpus.Refuse(PeerRefusal.WeakCryptography, "intermediate signed with SHA-1", new Forge(), weakHash, weakHash);
        corpus.Refuse(PeerRefusal.WeakCryptography, "RSA 1024 anchor", new Forge { Uris = ["spiffe://weak.example/a"] }, trust.WeakRoot);
    }
}
