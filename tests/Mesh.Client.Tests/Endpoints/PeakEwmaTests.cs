using CsCheck;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Endpoints;

public sealed class PeakEwmaTests
{
    private readonly FakeTimeProvider _time = new();

    /// <summary>Finagle's cost function as it is published, in plain numbers: seconds in, nanoseconds out.</summary>
    private sealed class Reference
    {
        private double _stamp;

        public double Cost { get; private set; }

        public void Observe(double rtt, double now)
        {
            var passed = Math.Max(now - _stamp, 0);
            _stamp = now;
            var weight = Math.Exp(-passed / 10);
            Cost = rtt > Cost ? rtt : (Cost * weight) + (rtt * (1 - weight));
        }
    }

    [Test]
    public void Observe_AnySequence_EqualsTheReference() =>
        Gen.Select(Gen.Int[0, 200_000], Gen.Int[0, 3], Gen.Double[0, 3e9]).List[1, 200].Sample(steps =>
        {
            var time = new FakeTimeProvider();
            var average = new PeakEwma(time.TimestampFrequency);
            var reference = new Reference();
            var start = time.GetTimestamp();
            reference.Observe(0, Seconds(start));
            _ = average.Read(start);
            foreach (var (units, kind, latency) in steps)
            {
                // Whole units of 2⁻¹⁴ s: the reference knows no rounding.
                time.Advance(TimeSpan.FromTicks(units * (TimeSpan.TicksPerSecond >> 14)));
                var now = time.GetTimestamp();
                var elapsed = TimeSpan.FromTicks((long)(latency / 100));
                switch (kind)
                {
                    case 0:
                        reference.Observe(0, Seconds(now));
                        Assert.That(average.Read(now), Is.EqualTo(reference.Cost).Within(0.001).Percent.Or.EqualTo(reference.Cost).Within(1));
                        break;
                    case 1:
                        average.Observe(CallOutcome.Failure, elapsed, now);
                        reference.Observe(Math.Max(5e9, elapsed.TotalNanoseconds), Seconds(now));
                        break;
                    default:
                        average.Observe(CallOutcome.Success, elapsed, now);
                        reference.Observe(elapsed.TotalNanoseconds, Seconds(now));
                        break;
                }
            }

            // FakeTimeProvider counts in ticks of 100 ns, of which a unit has 610.
            static double Seconds(long timestamp) => timestamp / 610 * 610 / 1e7;
        }, iter: 300);

    [Test]
    public void Observe_SlowerAnswer_JumpsUpAtOnce()
    {
        var average = new PeakEwma(_time.TimestampFrequency);
        average.Observe(CallOutcome.Success, TimeSpan.FromMilliseconds(10), _time.GetTimestamp());
        average.Observe(CallOutcome.Success, TimeSpan.FromMilliseconds(900), _time.GetTimestamp());

        Assert.That(average.Read(_time.GetTimestamp()), Is.EqualTo(900e6).Within(0.01).Percent);
    }

    [Test]
    public void Read_TenSecondsLater_HasDecayedByE()
    {
        var average = new PeakEwma(_time.TimestampFrequency);
        average.Observe(CallOutcome.Success, TimeSpan.FromMilliseconds(100), _time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(average.Read(_time.GetTimestamp()), Is.EqualTo(100e6 / Math.E).Within(0.05).Percent);
    }

    [TestCase(CallOutcome.Failure)]
    [TestCase(CallOutcome.NotSent)]
    [TestCase(CallOutcome.Overload)]
    public void Observe_FastFailure_CountsAsSlow(CallOutcome outcome)
    {
        var average = new PeakEwma(_time.TimestampFrequency);
        average.Observe(outcome, TimeSpan.FromMilliseconds(1), _time.GetTimestamp());

        Assert.That(average.Read(_time.GetTimestamp()), Is.EqualTo(5e9).Within(0.01).Percent);
    }

    [Test]
    public void Observe_CallerCancelledEarly_SaysNothing()
    {
        var average = new PeakEwma(_time.TimestampFrequency);
        average.Observe(CallOutcome.Success, TimeSpan.FromMilliseconds(100), _time.GetTimestamp());
        average.Observe(CallOutcome.CancelledByCaller, TimeSpan.FromMilliseconds(1), _time.GetTimestamp());

        Assert.That(average.Read(_time.GetTimestamp()), Is.EqualTo(100e6).Within(0.01).Percent);
    }

    [Test]
    public void Observe_CallerCancelledLate_RaisesTheCost()
    {
        var average = new PeakEwma(_time.TimestampFrequency);
        average.Observe(CallOutcome.Success, TimeSpan.FromMilliseconds(100), _time.GetTimestamp());
        average.Observe(CallOutcome.CancelledByCaller, TimeSpan.FromMilliseconds(700), _time.GetTimestamp());

        Assert.That(average.Read(_time.GetTimestamp()), Is.EqualTo(700e6).Within(0.01).Percent);
    }

    [Test]
    public void Observe_ClockOfAnotherThreadIsBehind_DoesNotTurnTimeBack()
    {
        var average = new PeakEwma(_time.TimestampFrequency);
        var earlier = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        average.Observe(CallOutcome.Success, TimeSpan.FromMilliseconds(100), _time.GetTimestamp());
        average.Observe(CallOutcome.Success, TimeSpan.FromMilliseconds(50), earlier);

        Assert.That(average.Read(_time.GetTimestamp()), Is.EqualTo(100e6).Within(0.01).Percent);
    }

    [Test]
    public void Observe_ManyThreads_KeepsTheHighestPeak()
    {
        var endpoint = Replicas.Create(1, _time)[0];
        var now = _time.GetTimestamp();
        Parallel.For(1, 10_001, i =>
        {
            endpoint.Begin();
            endpoint.End(CallOutcome.Success, TimeSpan.FromMicroseconds(i), now);
        });

        Assert.That(endpoint.PeakLatencyNanoseconds(now), Is.EqualTo(10e6).Within(0.01).Percent);
    }
}
