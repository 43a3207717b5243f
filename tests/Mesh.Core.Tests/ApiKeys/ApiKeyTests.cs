using CsCheck;
using Mesh.ApiKeys;

namespace Mesh.Core.Tests.ApiKeys;

internal sealed class ApiKeyTests
{
    // Checked against zlib.crc32 of Python.
    private const string Known = "mesh_0000000000000000000000000000003iHuZ5";

    [Test]
    public void Generate_Always_IsWellFormedAndNew()
    {
        var keys = Enumerable.Range(0, 1000).Select(static _ => ApiKey.Generate()).ToArray();

        Assert.That(keys, Is.Unique.And.All.Matches<string>(static key => ApiKey.IsWellFormed(key)));
        Assert.That(keys, Has.All.Match("^mesh_[0-9A-Za-z]{36}$"));
    }

    [Test]
    public void IsWellFormed_KnownChecksum_IsThatOfZlib() => Assert.That(ApiKey.IsWellFormed(Known), Is.True);

    [Test]
    public void IsWellFormed_OneCharacterChanged_IsNot()
    {
        var key = ApiKey.Generate("shop_live");
        Gen.Select(Gen.Int[0, key.Length - 1], Gen.Char[' ', '~']).Where((at, other) => key[at] != other).Sample((at, other) =>
            !ApiKey.IsWellFormed($"{key[..at]}{other}{key[(at + 1)..]}", "shop_live"));
    }

    [TestCase("")]
    [TestCase("mesh_")]
    [TestCase("mesh")]
    [TestCase("shop_000000000000000000000000000000000000")]
    public void IsWellFormed_OtherText_IsNot(string key) => Assert.That(ApiKey.IsWellFormed(key), Is.False);

    [Test]
    public void IsWellFormed_OtherPrefix_IsNot() => Assert.That(ApiKey.IsWellFormed(ApiKey.Generate("shop")), Is.False);

    [TestCase("")]
    [TestCase("1a")]
    [TestCase("a-b")]
    [TestCase("\u00e4")]
    public void Generate_WithAPrefixThatIsNone_Throws(string prefix) => Assert.That(() => ApiKey.Generate(prefix), Throws.ArgumentException);

    [Test]
    public void Hash_OfTheSameKey_DependsOnTheSecretAndSurvivesText()
    {
        var key = ApiKey.Generate();
        var secret = ApiKeySecret.TryParse(ApiKeySecret.Generate())!;
        var other = ApiKeySecret.TryParse(ApiKeySecret.Generate())!;
        var hash = ApiKeyHash.Of(key, secret);

        Assert.That(ApiKeyHash.TryParse(hash.ToString(), out var read), Is.True);
        Assert.That(read, Is.EqualTo(hash).And.EqualTo(ApiKeyHash.Of(key, secret)));
        Assert.That(hash, Is.Not.EqualTo(ApiKeyHash.Of(key, other)).And.Not.EqualTo(ApiKeyHash.Of(ApiKey.Generate(), secret)));
    }

    // RFC 4231, test case 2, with its key lengthened by the zeros that HMAC adds to it anyway.
    [Test]
    public void Hash_OfAKnownText_IsItsHmacSha256()
    {
        var secret = new byte[32];
        "Jefe"u8.CopyTo(secret);

        Assert.That(
            ApiKeyHash.Of("what", secret).ToString(),
            Is.EqualTo(System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.HMACSHA256.HashData("Jefe"u8, "what"u8))));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("AAAA")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A")]
    public void TryParse_OfNoHash_IsFalse(string? text) => Assert.That(ApiKeyHash.TryParse(text, out _), Is.False);

    [Test]
    public void Hash_OfWhatIsNoKey_Throws()
    {
        var secret = new byte[32];

        Assert.That(() => ApiKeyHash.Of("", secret), Throws.ArgumentException);
        Assert.That(() => ApiKeyHash.Of("with space", secret), Throws.ArgumentException);
        Assert.That(() => ApiKeyHash.Of(new string('a', 257), secret), Throws.ArgumentException);
        Assert.That(() => ApiKeyHash.Of("key", new byte[31]), Throws.ArgumentException);
    }

    [TestCase("")]
    [TestCase("c2hvcnQ=")]
    [TestCase("not base64, and long enough to be a secret")]
    public void Secret_ThatIsNone_IsNull(string text) => Assert.That(ApiKeySecret.TryParse(text), Is.Null);
}
