using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Core.Tests.Identity;

public sealed class PeerVerifierTests
{
    private static readonly X509Certificate2 Root = TestLeaf.Authority("root");
    private static readonly X509Certificate2 OtherRoot = TestLeaf.Authority("other");
    private static readonly TrustBundles Trust = new(
    [
        new("shop.example", [Root]),
        new("other.example", [OtherRoot]),
        new("empty.example", []),
    ]);

    [OneTimeTearDown]
    public static void DisposeAuthorities()
    {
        Root.Dispose();
        OtherRoot.Dispose();
    }

    private static IEnumerable<TestCaseData> RefusedLeaves()
    {
        yield return Case("no URI", PeerRefusal.NotAnSvid, new TestLeaf { Uris = [] });
        yield return Case("two URIs", PeerRefusal.NotAnSvid, new TestLeaf { Uris = ["spiffe://shop.example/a", "spiffe://shop.example/b"] });
        yield return Case("URI of another scheme", PeerRefusal.NotAnSvid, new TestLeaf { Uris = ["https://shop.example/a"] });
        yield return Case("no workload", PeerRefusal.NotAnSvid, new TestLeaf { Uris = ["spiffe://shop.example"] });
        yield return Case("malformed key usage", PeerRefusal.NotAnSvid, new TestLeaf { KeyUsage = null, Extra = new X509Extension("2.5.29.15", [0x30, 0xFF], true) });
        yield return Case("authority", PeerRefusal.WrongKeyUsage, new TestLeaf { IsAuthority = true });
        yield return Case("no key usage", PeerRefusal.WrongKeyUsage, new TestLeaf { KeyUsage = null });
        yield return Case("key usage not critical", PeerRefusal.WrongKeyUsage, new TestLeaf { KeyUsageIsCritical = false });
        yield return Case("encipherment only", PeerRefusal.WrongKeyUsage, new TestLeaf { KeyUsage = X509KeyUsageFlags.KeyEncipherment });
        yield return Case("may sign certificates", PeerRefusal.WrongKeyUsage, new TestLeaf { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign });
        yield return Case("may sign lists", PeerRefusal.WrongKeyUsage, new TestLeaf { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.CrlSign });
        yield return Case("server only", PeerRefusal.WrongKeyUsage, new TestLeaf { Purposes = ["1.3.6.1.5.5.7.3.1"] });
        yield return Case("client only", PeerRefusal.WrongKeyUsage, new TestLeaf { Purposes = ["1.3.6.1.5.5.7.3.2"] });
        yield return Case("unknown trust domain", PeerRefusal.UnknownTrustDomain, new TestLeaf { Uris = ["spiffe://unknown.example/a"] });
        yield return Case("trust domain without anchors", PeerRefusal.UnknownTrustDomain, new TestLeaf { Uris = ["spiffe://empty.example/a"] });
        yield return Case("anchor of another trust domain", PeerRefusal.Untrusted, new TestLeaf { Uris = ["spiffe://other.example/a"] });
        yield return Case("expired", PeerRefusal.Expired, new TestLeaf { NotAfter = TestLeaf.Now.AddMinutes(-1) });
        yield return Case("not valid yet", PeerRefusal.NotYetValid, new TestLeaf { NotBefore = TestLeaf.Now.AddMinutes(1) });

        static TestCaseData Case(string name, PeerRefusal refusal, TestLeaf leaf) => new TestCaseData(leaf, refusal).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(RefusedLeaves))]
    public void Verify_LeafThatBreaksOneRule_IsRefusedWithItsReason(object leaf, PeerRefusal refusal)
    {
        using var certificate = ((TestLeaf)leaf).Sign(Root);
        var verdict = PeerVerifier.Verify(certificate, null, Trust, TestLeaf.Now);
        Assert.Multiple(() =>
        {
            Assert.That(verdict.Refusal, Is.EqualTo(refusal), verdict.Detail);
            Assert.That(verdict.Accepted, Is.False);
            Assert.That(verdict.Detail, Is.Not.Empty);
        });
    }

    private static IEnumerable<TestCaseData> AcceptedLeaves()
    {
        yield return new TestCaseData(new TestLeaf()).SetArgDisplayNames("plain");
        yield return new TestCaseData(new TestLeaf { Purposes = null }).SetArgDisplayNames("no extended key usage");
        yield return new TestCaseData(new TestLeaf { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement }).SetArgDisplayNames("key agreement too");
    }

    [TestCaseSource(nameof(AcceptedLeaves))]
    public void Verify_GoodLeaf_GivesItsId(object leaf)
    {
        using var certificate = ((TestLeaf)leaf).Sign(Root);
        var verdict = PeerVerifier.Verify(certificate, null, Trust, TestLeaf.Now);
        Assert.Multiple(() =>
        {
            Assert.That(verdict.Accepted, Is.True, verdict.Detail);
            Assert.That(verdict.Id, Is.EqualTo(SpiffeId.ForService("shop.example", "shop", "orders")));
        });
    }

    [Test]
    public void Verify_NoCertificate_IsRefused() =>
        Assert.That(PeerVerifier.Verify(null, null, Trust, TestLeaf.Now).Refusal, Is.EqualTo(PeerRefusal.NoCertificate));

    [Test]
    public void Verify_Untrusted_IsRefused()
    {
        using var stranger = TestLeaf.Authority("root");
        using var certificate = new TestLeaf().Sign(stranger);
        var verdict = PeerVerifier.Verify(certificate, [stranger], Trust, TestLeaf.Now);
        Assert.That(verdict.Refusal, Is.EqualTo(PeerRefusal.Untrusted), "an anchor the peer brings along is not trusted");
    }

    [Test]
    public void Verify_ThroughAnIntermediate_NeedsItToBePresented()
    {
        using var intermediate = TestLeaf.Authority("intermediate", Root);
        using var certificate = new TestLeaf().Sign(intermediate);
        Assert.Multiple(() =>
        {
            Assert.That(PeerVerifier.Verify(certificate, [intermediate], Trust, TestLeaf.Now).Accepted, Is.True);
            Assert.That(PeerVerifier.Verify(certificate, null, Trust, TestLeaf.Now).Refusal, Is.EqualTo(PeerRefusal.Untrusted));
        });
    }

    [Test]
    public void Verify_ExpiredIntermediate_IsExpired()
    {
        using var intermediate = TestLeaf.Authority("intermediate", Root, TestLeaf.Now.AddMinutes(-1));
        using var certificate = new TestLeaf().SignUnchecked(intermediate);
        var verdict = PeerVerifier.Verify(certificate, [intermediate], Trust, TestLeaf.Now);
        Assert.Multiple(() =>
        {
            Assert.That(verdict.Refusal, Is.EqualTo(PeerRefusal.Expired));
            Assert.That(verdict.Detail, Does.Contain("signing certificate above"));
        });
    }

    [Test]
    public void Verify_LeafUsedAsIssuer_IsUntrusted()
    {
        var issuer = CertificateIssuer.Create("shop.example", "test", TimeSpan.FromDays(1), TestLeaf.Now);
        using var workload = issuer.Issue(SpiffeId.ForService("shop.example", "shop", "evil"), TimeSpan.FromHours(2), TestLeaf.Now);
        using var forged = new TestLeaf { NotBefore = TestLeaf.Now, NotAfter = TestLeaf.Now.AddHours(1) }.SignUnchecked(workload);
        var verdict = PeerVerifier.Verify(forged, [workload], new TrustBundles("shop.example", issuer.Anchor), TestLeaf.Now.AddMinutes(1));
        Assert.That(verdict.Refusal, Is.EqualTo(PeerRefusal.Untrusted), verdict.Detail);
    }
}
