using CsCheck;
using Mesh.Client.Ejection;
using Mesh.Client.Tests.Simulation;

namespace Mesh.Client.Tests.Ejection;

public sealed class OutlierDetectionTests
{
    private static readonly Gen<OutlierTally[]> Tallies =
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 200], Gen.Int[0, 1000]).Select(static (good, bad, ms) => new OutlierTally(good, bad, TimeSpan.FromMilliseconds(ms))).Array[0, 20];

    [Test]
    public void BySuccessRate_OneFarBelowTheOthers_IsIt()
    {
        // Mean 90, standard deviation 20: the threshold is 52.
        OutlierTally[] tallies = [Tally(100, 0), Tally(100, 0), Tally(50, 50), Tally(100, 0), Tally(100, 0)];

        Assert.That(OutlierDetection.BySuccessRate(tallies, new SuccessRatePolicy(1900, 5, 100)), Is.EqualTo([2]));
        Assert.That(OutlierDetection.BySuccessRate(tallies, new SuccessRatePolicy(1900, 5, 101)), Is.Empty, "too few requests");
        Assert.That(OutlierDetection.BySuccessRate(tallies, new SuccessRatePolicy(1900, 6, 100)), Is.Empty, "too few endpoints");
        Assert.That(OutlierDetection.BySuccessRate(tallies, new SuccessRatePolicy(2100, 5, 100)), Is.Empty, "50 is not below 48");
    }

    [Test]
    public void BySuccessRate_AllAlikeBad_IsNobody() =>
        Assert.That(OutlierDetection.BySuccessRate([Tally(1, 9), Tally(1, 9), Tally(1, 9)], new SuccessRatePolicy(1900, 2, 1)), Is.Empty);

    [Test]
    public void BySuccessRate_Any_EqualsTheReference() =>
        Gen.Select(Tallies, Gen.Int[1, 4000], Gen.Int[2, 8], Gen.Int[1, 150]).Sample((tallies, factor, endpoints, requests) =>
        {
            var policy = new SuccessRatePolicy(factor, endpoints, requests);
            return OutlierDetection.BySuccessRate(tallies, policy).SequenceEqual(ReferenceOutliers.BySuccessRate(Windows(tallies), policy));
        });

    [Test]
    public void ByFailurePercentage_AtTheThreshold_IsIt()
    {
        OutlierTally[] tallies = [Tally(15, 85), Tally(16, 84), Tally(0, 49), Tally(0, 100)];

        Assert.That(OutlierDetection.ByFailurePercentage(tallies, new FailurePercentagePolicy(85, 3, 50)), Is.EqualTo([3, 0]), "the worst first");
        Assert.That(OutlierDetection.ByFailurePercentage(tallies, new FailurePercentagePolicy(85, 4, 50)), Is.Empty, "three had enough requests");
    }

    [Test]
    public void ByFailurePercentage_Any_EqualsTheReference() =>
        Gen.Select(Tallies, Gen.Int[1, 100], Gen.Int[1, 8], Gen.Int[1, 150]).Sample((tallies, threshold, endpoints, requests) =>
        {
            var policy = new FailurePercentagePolicy(threshold, endpoints, requests);
            return OutlierDetection.ByFailurePercentage(tallies, policy).SequenceEqual(ReferenceOutliers.ByFailurePercentage(Windows(tallies), policy));
        });

    [Test]
    public void ByLatency_Any_EqualsTheDefinition() =>
        Gen.Select(Tallies, Gen.Double[1.1, 5], Gen.Int[2, 8]).Sample((tallies, factor, endpoints) =>
        {
            var policy = new LatencyOutlierPolicy(0.9, factor, TimeSpan.FromMilliseconds(50), endpoints, 1);
            var measured = tallies.Index().Where(static item => item.Item.Latency > TimeSpan.Zero).ToArray();
            var expected = measured
                .Where(item => measured.Length >= endpoints
                    && item.Item.Latency >= policy.MinLatency
                    && item.Item.Latency.Ticks > factor * Median([.. measured.Where(other => other.Index != item.Index).Select(static other => other.Item.Latency.Ticks)]))
                .OrderByDescending(static item => item.Item.Latency)
                .Select(static item => item.Index);
            return OutlierDetection.ByLatency(tallies, policy).SequenceEqual(expected);
        });

    [Test]
    public void Take_AttemptsMeanwhile_BelongToTheNextInterval()
    {
        var window = new OutlierWindow();
        window.Record(Outcomes.CallOutcome.Success, TimeSpan.Zero);
        window.Record(Outcomes.CallOutcome.NotSent, TimeSpan.Zero);
        window.Record(Outcomes.CallOutcome.CancelledByCaller, TimeSpan.Zero);
        Assert.That(window.Take(null), Is.EqualTo(new OutlierTally(1, 1, TimeSpan.Zero)));

        window.Record(Outcomes.CallOutcome.Overload, TimeSpan.Zero);
        Assert.That(window.Take(null), Is.EqualTo(new OutlierTally(1, 0, TimeSpan.Zero)));
        Assert.That(window.Take(null), Is.EqualTo(new OutlierTally(0, 0, TimeSpan.Zero)));
    }

    private static OutlierTally Tally(int successes, int failures) => new(successes, failures, TimeSpan.Zero);

    private static (int Endpoint, int Successes, int Requests)[] Windows(OutlierTally[] tallies) =>
        [.. tallies.Index().Select(static item => (item.Index, (int)item.Item.Successes, (int)item.Item.Requests))];

    private static double Median(long[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2.0;
    }
}
