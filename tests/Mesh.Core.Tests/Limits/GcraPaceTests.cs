using Mesh.Limits;

namespace Mesh.Core.Tests.Limits;

public sealed class GcraPaceTests
{
    [TestCase(1, 1000)]
    [TestCase(3, 1000)]
    [TestCase(700_000, 999)]
    [TestCase(7, 86_400_000)]
    public void Interval_OfAnyLimit_IsNeverTooShortAndAtMostANanosecondTooLong(int limit, int milliseconds)
    {
        var interval = new GcraPace(new RateLimitOptions { Limit = limit, Window = TimeSpan.FromMilliseconds(milliseconds) }).Interval;
        var window = milliseconds * 1_000_000L;
        Assert.That(interval * limit, Is.InRange(window, window + limit - 1));
    }
}
