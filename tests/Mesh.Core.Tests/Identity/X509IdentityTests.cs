using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Core.Tests.Identity;

public sealed class X509IdentityTests
{
    [Test]
    public void Constructor_WithoutPrivateKey_SaysSo()
    {
        using var root = TestLeaf.Authority("root");
        using var leaf = new TestLeaf().Sign(root);
        Assert.That(() => new X509Identity(leaf, [], new TrustBundles("shop.example", root)), Throws.TypeOf<MeshIdentityException>().With.Message.Contains("private key"));
    }

    [Test]
    public void Constructor_NotAnSvid_SaysWhy()
    {
        using var root = TestLeaf.Authority("root");
        Assert.That(() => new X509Identity(root, [], new TrustBundles("shop.example", root)), Throws.TypeOf<MeshIdentityException>().With.Message.Contains("exactly one URI SAN"));
    }

    [Test]
    public void Issue_ForAnotherTrustDomain_IsRefused()
    {
        using var issuer = CertificateIssuer.Create("shop.example", "test", TimeSpan.FromDays(1), TestLeaf.Now);
        Assert.That(() => issuer.Issue(SpiffeId.Parse("spiffe://other.example/a"), TimeSpan.FromHours(1), TestLeaf.Now), Throws.ArgumentException);
    }

    [Test]
    public void Issue_BeforeOrBeyondTheAuthority_StaysWithinIt()
    {
        using var issuer = CertificateIssuer.Create("shop.example", "test", TimeSpan.FromHours(1), TestLeaf.Now);
        var id = SpiffeId.ForService("shop.example", "shop", "orders");
        using var early = issuer.Issue(id, TimeSpan.FromHours(24), TestLeaf.Now.AddSeconds(-30));
        Assert.Multiple(() =>
        {
            Assert.That(early.NotBefore, Is.EqualTo(issuer.Anchor.NotBefore));
            Assert.That(early.NotAfter, Is.EqualTo(issuer.Anchor.NotAfter));
            Assert.That(PeerVerifier.Verify(early, null, new TrustBundles("shop.example", issuer.Anchor), TestLeaf.Now).Accepted, Is.True);
        });
    }

    [Test]
    public void TrustBundles_BadDomain_IsRefused()
    {
        Assert.That(() => new TrustBundles("Shop Example"), Throws.ArgumentException);
        Assert.That(new TrustBundles([new("b", new X509Certificate2Collection()), new("a", new X509Certificate2Collection())]).TrustDomains, Is.EqualTo(["a", "b"]));
    }

    [TestCase("orders", ExpectedResult = "spiffe://mesh.local/ns/default/sa/orders")]
    [TestCase("orders.shop", ExpectedResult = "spiffe://mesh.local/ns/shop/sa/orders")]
    [TestCase("a b", ExpectedResult = null)]
    public string? IdOf_Service_IsConventional(string service) => new MeshServiceOptions().IdOf(service)?.ToString();
}
