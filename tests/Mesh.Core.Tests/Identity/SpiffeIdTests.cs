using CsCheck;
using Mesh.Identity;

namespace Mesh.Core.Tests.Identity;

public sealed class SpiffeIdTests
{
    [TestCase("spiffe://shop.example", "shop.example", "")]
    [TestCase("spiffe://a_b-c.1/x", "a_b-c.1", "/x")]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders", "shop.example", "/ns/shop/sa/orders")]
    [TestCase("spiffe://shop.example/A/B.c/_-", "shop.example", "/A/B.c/_-")]
    [TestCase("spiffe://shop.example/...", "shop.example", "/...")]
    public void TryParse_Valid_GivesItsParts(string text, string trustDomain, string path)
    {
        Assert.That(SpiffeId.TryParse(text, out var id), Is.True);
        Assert.Multiple(() =>
        {
            Assert.That(id!.TrustDomain, Is.EqualTo(trustDomain));
            Assert.That(id.Path, Is.EqualTo(path));
            Assert.That(id.Principal, Is.EqualTo(trustDomain + path));
            Assert.That(id.ToString(), Is.EqualTo(text));
        });
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("shop.example/a")]
    [TestCase("SPIFFE://shop.example")]
    [TestCase("https://shop.example/a")]
    [TestCase("spiffe://")]
    [TestCase("spiffe:///a")]
    [TestCase("spiffe://Shop.example/a")]
    [TestCase("spiffe://shop.example:443/a")]
    [TestCase("spiffe://user@shop.example/a")]
    [TestCase("spiffe://shop.example/")]
    [TestCase("spiffe://shop.example/a/")]
    [TestCase("spiffe://shop.example//a")]
    [TestCase("spiffe://shop.example/.")]
    [TestCase("spiffe://shop.example/a/../b")]
    [TestCase("spiffe://shop.example/%61")]
    [TestCase("spiffe://shop.example/a?b")]
    [TestCase("spiffe://shop.example/a#b")]
    [TestCase("spiffe://shop.example/ä")]
    [TestCase("spiffe://shop.example/a b")]
    public void TryParse_Invalid_SaysWhichRule(string? text)
    {
        Assert.That(SpiffeId.TryParse(text, out var id, out var error), Is.False);
        Assert.Multiple(() =>
        {
            Assert.That(id, Is.Null);
            Assert.That(error, Is.Not.Empty);
        });
    }

    [Test]
    public void TryParse_Lengths_AreBounded()
    {
        Assert.Multiple(() =>
        {
            Assert.That(SpiffeId.TryParse($"spiffe://{new string('a', 255)}/x", out _), Is.True);
            Assert.That(SpiffeId.TryParse($"spiffe://{new string('a', 256)}/x", out _), Is.False);
            Assert.That(SpiffeId.TryParse($"spiffe://a/{new string('x', SpiffeId.MaxLength - 11)}", out _), Is.True);
            Assert.That(SpiffeId.TryParse($"spiffe://a/{new string('x', SpiffeId.MaxLength - 10)}", out _), Is.False);
        });
    }

    [Test]
    public void Parse_Invalid_QuotesTheTextCutShort() =>
        Assert.That(() => SpiffeId.Parse(new string('x', 300)), Throws.TypeOf<FormatException>().With.Message.Length.LessThan(400));

    [Test]
    public void ForService_GivesNamespaceAndAccount()
    {
        var id = SpiffeId.ForService("shop.example", "shop", "orders");
        Assert.Multiple(() =>
        {
            Assert.That(id.ToString(), Is.EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
            Assert.That((id.Namespace, id.ServiceAccount), Is.EqualTo(("shop", "orders")));
            Assert.That(SpiffeId.Parse("spiffe://shop.example/ns/shop/sa/orders/x").Namespace, Is.Null);
            Assert.That(SpiffeId.Parse("spiffe://shop.example/ns/shop/SA/orders").ServiceAccount, Is.Null);
            Assert.That(() => SpiffeId.ForService("shop.example", "a/b", "c d"), Throws.TypeOf<FormatException>());
        });
    }

    [Test]
    public void Equality_ComparesTheWholeIdCaseSensitively()
    {
        var id = SpiffeId.Parse("spiffe://a/b");
        Assert.Multiple(() =>
        {
            Assert.That(id, Is.EqualTo(SpiffeId.Parse("spiffe://a/b")));
            Assert.That(id.GetHashCode(), Is.EqualTo(SpiffeId.Parse("spiffe://a/b").GetHashCode()));
            Assert.That(id == SpiffeId.Parse("spiffe://a/B"), Is.False);
            Assert.That(id != null, Is.True);
        });
    }

    private static readonly Gen<char> PathCharacter = Gen.OneOf("abzABZ019.-_".ToCharArray());

    [Test]
    public void TryParse_AnyValidParts_RoundTrip() => Gen.Select(
            Gen.OneOf("abz019.-_".ToCharArray()).Array[1, 20].Select(static characters => new string(characters)),
            PathCharacter.Array[1, 8].Select(static characters => new string(characters)).Where(static segment => segment is not ("." or "..")).Array[0, 5])
        .Sample(static (domain, segments) =>
        {
            var text = $"spiffe://{domain}{string.Concat(segments.Select(static segment => $"/{segment}"))}";
            return SpiffeId.TryParse(text, out var id) && id.ToString() == text && id == SpiffeId.Parse($"spiffe://{id.Principal}");
        });

    [Test]
    public void TryParse_AnyText_NeverThrowsAndAcceptsOnlyWhatItReturns() => Gen.OneOf(Gen.String, Gen.String.Select(static text => $"spiffe://a/{text}"))
        .Sample(static text => SpiffeId.TryParse(text, out var id, out var error) ? id.ToString() == text : error is not null);
}
