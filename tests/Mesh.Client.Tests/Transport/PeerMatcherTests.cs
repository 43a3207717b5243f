using Mesh.Client.Transport;
using Mesh.Identity;

namespace Mesh.Client.Tests.Transport;

public sealed class PeerMatcherTests
{
    [Test]
    public void Matches_AliasOfTheTrustDomain_IsExpected()
    {
        var aliases = new TrustDomainAliases("shop.example", ["former.example"]);
        var matcher = new PeerMatcher(null, SpiffeId.ForService("shop.example", "shop", "orders"), aliases);
        Assert.Multiple(() =>
        {
            Assert.That(matcher.Matches(SpiffeId.ForService("former.example", "shop", "orders")), Is.True);
            Assert.That(matcher.Matches(SpiffeId.ForService("other.example", "shop", "orders")), Is.False);
        });
    }

    private static readonly SpiffeId Conventional = SpiffeId.ForService("shop.example", "shop", "orders");

    [TestCase("spiffe://shop.example/ns/shop/sa/orders", true)]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders-v2", false)]
    [TestCase("spiffe://other.example/ns/shop/sa/orders", false)]
    public void Matches_NothingListed_IsTheConventionalId(string id, bool expected) =>
        Assert.That(new PeerMatcher(null, Conventional).Matches(SpiffeId.Parse(id)), Is.EqualTo(expected));

    [TestCase("spiffe://shop.example/ns/shop/sa/orders", true)]
    [TestCase("spiffe://shop.example/ns/shop/deep/er", true)]
    [TestCase("spiffe://shop.example/ns/shopping/sa/orders", false)]
    [TestCase("spiffe://shop.example/ns/shop", false)]
    [TestCase("spiffe://shop.example.evil/ns/shop/sa/orders", false)]
    [TestCase("spiffe://legacy.example/ns/a/sa/b", true)]
    [TestCase("spiffe://legacy.example/ns/a/sa/c", false)]
    public void Matches_Listed_AreThoseAndNoOthers(string id, bool expected) =>
        Assert.That(
            new PeerMatcher(["spiffe://shop.example/ns/shop/*", "spiffe://legacy.example/ns/a/sa/b"], Conventional).Matches(SpiffeId.Parse(id)),
            Is.EqualTo(expected));

    [Test]
    public void Matches_Listed_ReplaceTheConventionalId() =>
        Assert.That(new PeerMatcher(["spiffe://legacy.example/ns/a/sa/b"], Conventional).Matches(Conventional), Is.False);

    [Test]
    public void Matches_NeitherListedNorConventional_IsNobody()
    {
        var matcher = new PeerMatcher(null, null);
        Assert.That(matcher.Matches(Conventional), Is.False);
        Assert.That(matcher.ToString(), Is.EqualTo("nobody"));
    }
}
