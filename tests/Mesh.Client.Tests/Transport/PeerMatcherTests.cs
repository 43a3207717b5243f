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
            Assert.That(matcher.Matches(SpiffeId.ForService("former.example", "shop", "orders"), null), Is.True);
            Assert.That(matcher.Matches(SpiffeId.ForService("other.example", "shop", "orders"), null), Is.False);
        });
    }

    private static readonly SpiffeId Conventional = SpiffeId.ForService("shop.example", "shop", "orders");

    [TestCase("spiffe://shop.example/ns/shop/sa/orders", true)]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders-v2", false)]
    [TestCase("spiffe://other.example/ns/shop/sa/orders", false)]
    public void Matches_NothingListed_IsTheConventionalId(string id, bool expected) =>
        Assert.That(new PeerMatcher(null, Conventional).Matches(SpiffeId.Parse(id), null), Is.EqualTo(expected));

    [TestCase("spiffe://shop.example/ns/shop/sa/orders", true)]
    [TestCase("spiffe://shop.example/ns/shop/deep/er", true)]
    [TestCase("spiffe://shop.example/ns/shopping/sa/orders", false)]
    [TestCase("spiffe://shop.example/ns/shop", false)]
    [TestCase("spiffe://shop.example.evil/ns/shop/sa/orders", false)]
    [TestCase("spiffe://legacy.example/ns/a/sa/b", true)]
    [TestCase("spiffe://legacy.example/ns/a/sa/c", false)]
    public void Matches_Listed_AreThoseAndNoOthers(string id, bool expected) =>
        Assert.That(
            new PeerMatcher(["spiffe://shop.example/ns/shop/*", "spiffe://legacy.example/ns/a/sa/b"], Conventional).Matches(SpiffeId.Parse(id), null),
            Is.EqualTo(expected));

    [Test]
    public void Matches_Listed_ReplaceTheConventionalId() =>
        Assert.That(new PeerMatcher(["spiffe://legacy.example/ns/a/sa/b"], Conventional).Matches(Conventional, null), Is.False);

    [Test]
    public void Matches_NeitherListedNorConventional_IsNobody()
    {
        var matcher = new PeerMatcher(null, null);
        Assert.That(matcher.Matches(Conventional, null), Is.False);
        Assert.That(matcher.ToString(), Is.EqualTo("nobody"));
    }

    [TestCase("spiffe://shop.example/ns/shop/sa/orders-v2", true)]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders", false)]
    [TestCase("spiffe://other.example/ns/shop/sa/orders-v2", false)]
    public void Matches_EndpointIsKnown_StandsBeforeTheConvention(string id, bool expected)
    {
        var known = SpiffeId.Parse("spiffe://shop.example/ns/shop/sa/orders-v2");
        Assert.That(new PeerMatcher(null, Conventional).Matches(SpiffeId.Parse(id), known), Is.EqualTo(expected));
    }

    [TestCase("spiffe://shop.example/ns/shop/sa/orders-v2", true)]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders", false)]
    [TestCase("spiffe://shop.example/ns/other/sa/orders-v2", false)]
    public void Matches_EndpointIsKnownAndPeersAreListed_MustBeBoth(string id, bool expected)
    {
        var matcher = new PeerMatcher(["spiffe://shop.example/ns/shop/*"], Conventional);
        Assert.That(matcher.Matches(SpiffeId.Parse(id), SpiffeId.Parse("spiffe://shop.example/ns/shop/sa/orders-v2")), Is.EqualTo(expected));
        Assert.That(matcher.Matches(SpiffeId.Parse(id), SpiffeId.Parse("spiffe://shop.example/ns/elsewhere/sa/x")), Is.False);
    }

    [Test]
    public void Matches_EndpointIsKnownByAnAlias_IsExpected()
    {
        var matcher = new PeerMatcher(null, Conventional, new TrustDomainAliases("shop.example", ["former.example"]));
        Assert.That(matcher.Matches(SpiffeId.Parse("spiffe://former.example/a"), SpiffeId.Parse("spiffe://shop.example/a")), Is.True);
    }
}
