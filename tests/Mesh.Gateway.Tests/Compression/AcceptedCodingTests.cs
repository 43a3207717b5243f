using Mesh.Gateway.Compression;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Tests.Compression;

public sealed class AcceptedCodingTests
{
    [TestCase("gzip, br", "br")]
    [TestCase("gzip;q=1, br;q=0.5", "gzip")]
    [TestCase("GZIP", "gzip")]
    [TestCase("x-gzip", "gzip")]
    [TestCase("*", "br")]
    [TestCase("*;q=0.5, br;q=0", "gzip")]
    [TestCase("br;q=0, gzip;q=0", null)]
    [TestCase("identity, br;q=0.5", null)]
    [TestCase("identity;q=0, br;q=0.5", "br")]
    [TestCase("zstd, deflate", null)]
    [TestCase("", null)]
    [TestCase("br;q=high", null)]
    public void Choose_OfWhatIsAccepted_TakesWhatIsRatedHighest(string accepted, string? expected) =>
        Assert.That(AcceptedCoding.Choose(accepted, ["br", "gzip"]), Is.EqualTo(expected));

    [Test]
    public void Choose_WithoutTheField_CompressesNothing() => Assert.That(AcceptedCoding.Choose(StringValues.Empty, ["br", "gzip"]), Is.Null);

    [Test]
    public void Choose_OfAnEndlessList_ReadsNone() =>
        Assert.That(AcceptedCoding.Choose(string.Concat(Enumerable.Repeat("br, ", 1000)), ["br"]), Is.Null);
}
