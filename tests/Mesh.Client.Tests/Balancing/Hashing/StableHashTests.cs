using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing.Hashing;

public sealed class StableHashTests
{
    // Of the xxHash project, and of gRPC's A42 implementations.
    [TestCase("", 0xEF46DB3751D8E999UL)]
    [TestCase("a", 0xD24EC4F1A98C6E5BUL)]
    [TestCase("abc", 0x44BC2CF5AD770999UL)]
    [TestCase("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1UL)]
    public void Of_PublishedVectors_IsXxh64(string text, ulong hash) => Assert.That(StableHash.Of(text), Is.EqualTo(hash));

    [Test]
    public void Of_LongText_IsTheSameAsOfItsBytes()
    {
        var text = string.Concat(Enumerable.Repeat("schön ", 200));
        Assert.That(StableHash.Of(text, 7), Is.EqualTo(System.IO.Hashing.XxHash64.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(text), 7)));
    }
}
