using CsCheck;
using Mesh.Client.Hedging;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Hedging;

public sealed class MeasuredDelayTests
{
    private readonly FakeTimeProvider _time = new();

    [TestCase(0.95, 19, false)]
    [TestCase(0.95, 20, true)]
    [TestCase(0.99, 99, false)]
    [TestCase(0.99, 100, true)]
    [TestCase(0.5, 2, true)]
    public void Get_FewCalls_IsKnownOnceOneOfThemLiesAbove(double quantile, int calls, bool known)
    {
        var delay = new MeasuredDelay(_time);
        for (var i = 0; i < calls; i++)
        {
            delay.Record(TimeSpan.FromMilliseconds(10));
        }

        Assert.That(delay.Get(quantile, _time.GetTimestamp()) != Timeout.InfiniteTimeSpan, Is.EqualTo(known));
        Assert.That(delay.Known.HasValue, Is.EqualTo(known));
    }

    [Test]
    public void Get_Latencies_IsTheirQuantile() => Gen.Select(Gen.Int[2, 2000].Array[100, 500], Gen.Double[0.5, 0.98]).Sample((milliseconds, quantile) =>
    {
        var delay = new MeasuredDelay(_time);
        foreach (var latency in milliseconds)
        {
            delay.Record(TimeSpan.FromMilliseconds(latency));
        }

        var exact = milliseconds.Order().ElementAt((int)Math.Ceiling(quantile * milliseconds.Length) - 1);
        return delay.Get(quantile, _time.GetTimestamp()).TotalMilliseconds is var found && found >= exact && found <= exact * 1.126;
    });

    [Test]
    public void Get_ServiceIsVeryFast_IsAtLeastAMillisecond()
    {
        var delay = Measured(TimeSpan.FromMicroseconds(50));

        Assert.That(delay.Get(0.95, _time.GetTimestamp()), Is.EqualTo(TimeSpan.FromMilliseconds(1)));
    }

    [Test]
    public void Get_ServiceBecomesSlow_FollowsAfterTheRefresh()
    {
        var delay = Measured(TimeSpan.FromMilliseconds(10));
        var before = delay.Get(0.95, _time.GetTimestamp());
        Record(delay, TimeSpan.FromMilliseconds(100));

        Assert.That(delay.Get(0.95, _time.GetTimestamp()), Is.EqualTo(before), "as computed");
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.That(delay.Get(0.95, _time.GetTimestamp()), Is.GreaterThan(TimeSpan.FromMilliseconds(99)));
    }

    [Test]
    public void Get_ServiceBecomesFastAgain_ForgetsHowSlowItWas()
    {
        var delay = Measured(TimeSpan.FromMilliseconds(500));
        for (var i = 0; i < 60; i++)
        {
            Record(delay, TimeSpan.FromMilliseconds(10));
            _time.Advance(TimeSpan.FromSeconds(3));
            delay.Get(0.95, _time.GetTimestamp());
        }

        Assert.That(delay.Known, Is.LessThan(TimeSpan.FromMilliseconds(12)));
    }

    [Test]
    public void Get_AnotherQuantile_IsComputedAtOnce()
    {
        var delay = new MeasuredDelay(_time);
        for (var i = 1; i <= 100; i++)
        {
            delay.Record(TimeSpan.FromMilliseconds(i));
        }

        Assert.That(delay.Get(0.95, _time.GetTimestamp()), Is.GreaterThan(TimeSpan.FromMilliseconds(94)));
        Assert.That(delay.Get(0.5, _time.GetTimestamp()), Is.LessThan(TimeSpan.FromMilliseconds(60)));
    }

    // The calls that are hedged are cut short at a time above the delay: if they did not count, it would sink and sink.
    [Test]
    public void Get_SlowCallsAreCutShort_KeepsHedgingTheSameShare()
    {
        var random = new Random(1);
        var delay = new MeasuredDelay(_time);
        var hedged = 0;
        for (var call = 0; call < 60_000; call++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            var latency = TimeSpan.FromMilliseconds(10 * -Math.Log(1 - random.NextDouble()));
            var due = delay.Get(0.95, _time.GetTimestamp());
            var isHedged = due != Timeout.InfiniteTimeSpan && latency > due;
            hedged += isHedged && call >= 10_000 ? 1 : 0;
            delay.Record(isHedged ? due + TimeSpan.FromMilliseconds(1) : latency);
        }

        Assert.That(hedged / 50_000.0, Is.InRange(0.03, 0.055));
    }

    private static void Record(MeasuredDelay delay, TimeSpan latency)
    {
        for (var i = 0; i < 200; i++)
        {
            delay.Record(latency);
        }
    }

    private MeasuredDelay Measured(TimeSpan latency)
    {
        var delay = new MeasuredDelay(_time);
        Record(delay, latency);
        return delay;
    }
}
