using Mesh.Configuration;

namespace Mesh.Core.Tests.Configuration;

public sealed class GatewayDurationTests
{
    [TestCase("0s", 0)]
    [TestCase("0h", 0)]
    [TestCase("10s", 10_000)]
    [TestCase("500ms", 500)]
    [TestCase("1h30m", 5_400_000)]
    [TestCase("1h30m10s500ms", 5_410_500)]
    [TestCase("10m1h", 4_200_000)]
    [TestCase("99999ms", 99_999)]
    [TestCase("1s1s1s1s", 4_000)]
    public void TryParse_Valid_IsExact(string text, double milliseconds)
    {
        Assert.That(GatewayDuration.TryParse(text, out var value), Is.True);
        Assert.That(value.TotalMilliseconds, Is.EqualTo(milliseconds));
    }

    [TestCase("")]
    [TestCase("1")]
    [TestCase("s")]
    [TestCase("-1s")]
    [TestCase("1.5s")]
    [TestCase("1 s")]
    [TestCase("1s ")]
    [TestCase("1d")]
    [TestCase("1S")]
    [TestCase("1us")]
    [TestCase("100000ms")]
    [TestCase("1s1s1s1s1s")]
    [TestCase("1s1")]
    public void TryParse_Invalid_IsRefused(string text) => Assert.That(GatewayDuration.TryParse(text, out _), Is.False);
}
