using CsCheck;
using Mesh.Client.Endpoints;

namespace Mesh.Client.Tests.Endpoints;

public sealed class LatencyHistogramTests
{
    [Test]
    public void Quantile_OfAnyLatencies_IsAtMostAnEighthAboveTheTrueOne() =>
        Gen.Select(Gen.Long[64, 60_000_000].Array[1, 200], Gen.Double[0.01, 1]).Sample((microseconds, quantile) =>
        {
            var histogram = new LatencyHistogram();
            foreach (var value in microseconds)
            {
                histogram.Record(TimeSpan.FromMicroseconds(value));
            }

            Array.Sort(microseconds);
            var exact = microseconds[(int)Math.Ceiling(quantile * microseconds.Length) - 1];
            var found = histogram.Quantile(quantile).TotalMicroseconds;
            return found >= exact && found <= (exact * 1.125) + 1;
        });

    [Test]
    public void Quantile_OfNothing_IsZero() => Assert.That(new LatencyHistogram().Quantile(0.5), Is.EqualTo(TimeSpan.Zero));

    [Test]
    public void Record_ExtremeLatencies_AreClamped()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.Zero);
        histogram.Record(TimeSpan.FromDays(1));
        histogram.Record(TimeSpan.FromSeconds(-1));

        Assert.That(histogram.Quantile(0.5), Is.EqualTo(TimeSpan.FromMicroseconds(64)));
        Assert.That(histogram.Quantile(1), Is.EqualTo(TimeSpan.FromMicroseconds(1 << 26)));
    }

    [Test]
    public void Age_OldLatencies_FadeAway()
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < 100; i++)
        {
            histogram.Record(TimeSpan.FromSeconds(1));
        }

        for (var i = 0; i < 7; i++)
        {
            histogram.Age();
        }

        Assert.That(histogram.Quantile(0.99), Is.EqualTo(TimeSpan.Zero));
    }
}
