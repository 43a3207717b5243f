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
            Assert.That(verdict.Detail, Does.Contain("signing certificate 'CN=intermediate' above"));
        });
    }

    [Test]
    public void Verify_Federated_NamesTheKnownTrustDomains()
    {
        using var certificate = new TestLeaf { Uris = ["spiffe://unknown.example/a"] }.Sign(Root);
        var verdict = PeerVerifier.Verify(certificate, null, Trust, TestLeaf.Now);
        Assert.That(verdict.Detail, Does.Contain("known: empty.example, other.example, shop.example"));
    }

    [Test]
    public void Verify_SubjectOfASigner_IsCutAndCleanInMessages()
    {
        using var intermediate = TestLeaf.Authority(new string('x', 300), Root, TestLeaf.Now.AddMinutes(-1));
        using var certificate = new TestLeaf().SignUnchecked(intermediate);
        var verdict = PeerVerifier.Verify(certificate, [intermediate], Trust, TestLeaf.Now);
        Assert.That(verdict.Detail, Has.Length.LessThan(300));
    }
}
