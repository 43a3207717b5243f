using CsCheck;
using Mesh.Identity;

namespace Mesh.Core.Tests.Identity;

public sealed class SpiffeIdPatternTests
{
    private static readonly TrustDomainAliases Aliases = new("shop.example", ["old.example"]);

    [TestCase("spiffe://shop.example/ns/shop/sa/orders", "spiffe://shop.example/ns/shop/sa/orders", true)]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders", "spiffe://shop.example/ns/shop/sa/orders/x", false)]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders", "spiffe://shop.example/ns/shop/sa/Orders", false)]
    [TestCase("spiffe://shop.example/ns/shop/sa/orders", "spiffe://shop.example.evil/ns/shop/sa/orders", false)]
    [TestCase("spiffe://shop.example/ns/shop/*", "spiffe://shop.example/ns/shop/sa/orders", true)]
    [TestCase("spiffe://shop.example/ns/shop/*", "spiffe://shop.example/ns/shop", false)]
    [TestCase("spiffe://shop.example/ns/shop/*", "spiffe://shop.example/ns/shopping/sa/orders", false)]
    [TestCase("spiffe://shop.example/*", "spiffe://shop.example/a", true)]
    [TestCase("spiffe://shop.example/*", "spiffe://shop.example", false)]
    [TestCase("spiffe://shop.example/*", "spiffe://shop.example.evil/a", false)]
    [TestCase("spiffe://old.example/*", "spiffe://shop.example/a", false)]
    public void Matches_Id_IsByWholeSegments(string pattern, string id, bool expected) =>
        Assert.That(SpiffeIdPattern.Parse(pattern).Matches(SpiffeId.Parse(id)), Is.EqualTo(expected));

    [TestCase("spiffe://shop.example/a", "spiffe://old.example/a", true)]
    [TestCase("spiffe://old.example/a", "spiffe://shop.example/a", true)]
    [TestCase("spiffe://old.example/*", "spiffe://shop.example/a", true)]
    [TestCase("spiffe://shop.example/a", "spiffe://old.example/b", false)]
    [TestCase("spiffe://shop.example/a", "spiffe://other.example/a", false)]
    [TestCase("spiffe://other.example/a", "spiffe://other.example/a", true)]
    public void Matches_Alias_IsTheSameTrustDomain(string pattern, string id, bool expected) =>
        Assert.That(SpiffeIdPattern.Parse(pattern).Matches(SpiffeId.Parse(id), Aliases), Is.EqualTo(expected));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("*")]
    [TestCase("/*")]
    [TestCase("spiffe://*")]
    [TestCase("spiffe:///*")]
    [TestCase("spiffe://shop.example/ns*")]
    [TestCase("spiffe://shop.example/*/sa/orders")]
    [TestCase("spiffe://shop.example/a//*")]
    [TestCase("shop.example/*")]
    public void TryParse_Invalid_IsRefused(string? text) => Assert.That(SpiffeIdPattern.TryParse(text, out _), Is.False);

    [Test]
    public void Parse_Invalid_SaysWhichRule() =>
        Assert.That(() => SpiffeIdPattern.Parse("spiffe://Shop/*"), Throws.TypeOf<FormatException>().With.Message.Contains("trust domain"));

    [TestCase("spiffe://shop.example/a")]
    [TestCase("spiffe://shop.example/a/*")]
    public void ToString_IsWhatWasWritten(string text) => Assert.That(SpiffeIdPattern.Parse(text).ToString(), Is.EqualTo(text));

    [Test]
    public void TryParse_AnyText_NeverThrowsAndRoundTrips() => Gen.OneOf(Gen.String, Gen.String.Select(static text => $"spiffe://a/{text}/*"))
        .Sample(static text => !SpiffeIdPattern.TryParse(text, out var pattern) || pattern.ToString() == text);
}
