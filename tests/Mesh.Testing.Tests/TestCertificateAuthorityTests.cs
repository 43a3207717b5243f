using Mesh.Identity;

namespace Mesh.Testing.Tests;

internal sealed class TestCertificateAuthorityTests
{
    private static readonly TestCertificateAuthority Authority = new("shop.example", "shop");

    [TestCase("orders", "spiffe://shop.example/ns/shop/sa/orders")]
    [TestCase("orders.other", "spiffe://shop.example/ns/other/sa/orders")]
    [TestCase("spiffe://shop.example/workload", "spiffe://shop.example/workload")]
    public void Issue_Service_IsAcceptedByItsPeers(string service, string expected)
    {
        var identity = Authority.Issue(service);

        var verdict = PeerVerifier.Verify(identity.Leaf, null, Authority.Trust, DateTimeOffset.UtcNow);

        Assert.That((verdict.Accepted, identity.Id.ToString()), Is.EqualTo((true, expected)));
    }

    [Test]
    public void BadOnes_AreRefusedForWhatIsWrongWithThem()
    {
        using var other = new TestCertificateAuthority("other.example");

        Assert.That(Refusal(Authority.IssueExpired("orders")), Is.EqualTo(PeerRefusal.Expired));
        Assert.That(Refusal(Authority.IssueNotYetValid("orders")), Is.EqualTo(PeerRefusal.NotYetValid));
        Assert.That(Refusal(other.Issue("orders")), Is.EqualTo(PeerRefusal.UnknownTrustDomain));
    }

    [Test]
    public void Rotate_FiresTheTokenOnce()
    {
        using var source = Authority.CreateSource("orders");
        var token = source.GetChangeToken();
        var identity = Authority.Issue("orders");

        source.Rotate(identity);

        Assert.That((token.HasChanged, source.GetChangeToken().HasChanged), Is.EqualTo((true, false)));
        Assert.That(source.Current, Is.SameAs(identity));
    }

    [TestCase("Not A Name")]
    [TestCase("")]
    public void IdOf_WhatCannotBeAnId_IsRefused(string service) => Assert.That(() => Authority.IdOf(service), Throws.ArgumentException);

    private static PeerRefusal Refusal(X509Identity identity) =>
        PeerVerifier.Verify(identity.Leaf, null, Authority.Trust, DateTimeOffset.UtcNow).Refusal;
}
