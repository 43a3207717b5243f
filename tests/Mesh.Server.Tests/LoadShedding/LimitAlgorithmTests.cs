using Mesh.Server.LoadShedding;

namespace Mesh.Server.Tests.LoadShedding;

/// <summary>The algorithms against a model of a service: so many workers, each request takes so long, the rest waits.</summary>
internal sealed class LimitAlgorithmTests
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    [TestCase(SheddingAlgorithm.Gradient, 16, 20, 16, 40)]
    [TestCase(SheddingAlgorithm.Gradient, 100, 5, 100, 170)]

    // Those that learn what is normal from the overload itself drift upwards, as their originals do.
    [TestCase(SheddingAlgorithm.Gradient2, 16, 20, 16, 120)]
    [TestCase(SheddingAlgorithm.Vegas, 16, 20, 16, 200)]
    public void Next_UnderConstantOverload_SettlesNearTheCapacity(SheddingAlgorithm algorithm, int workers, int milliseconds, int least, int most)
    {
        var limits = Run(algorithm, TimeSpan.FromSeconds(50), _ => (workers, milliseconds), demand: 10_000);

        Assert.That(limits.Skip(200).Average(), Is.InRange(least, most));
    }

    [Test]
    public void Gradient_ServiceBecomesSlower_MeasuresItsLeastLatencyAnew()
    {
        var limits = Run(SheddingAlgorithm.Gradient, TimeSpan.FromSeconds(120), time => (16, time < TimeSpan.FromSeconds(30) ? 20 : 100), demand: 10_000);

        Assert.That(limits.TakeLast(100).Average(), Is.InRange(14, 40), "five times the latency is the application's own now, and no queue");
    }

    [TestCase(SheddingAlgorithm.Gradient)]
    [TestCase(SheddingAlgorithm.Gradient2)]
    [TestCase(SheddingAlgorithm.Vegas)]
    [TestCase(SheddingAlgorithm.Aimd)]
    public void Next_QuietService_DoesNotGrowWithoutNeed(SheddingAlgorithm algorithm)
    {
        var limits = Run(algorithm, TimeSpan.FromSeconds(50), static _ => (1000, 20), demand: 4);

        Assert.That(limits.Max(), Is.LessThan(30));
    }

    [Test]
    public void Gradient_AtFirst_IsPinnedForFiftyRequests()
    {
        var algorithm = new GradientLimit(3, new Random(1));
        var seen = new LatencySummary(20, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), 3, 0);

        Assert.That(algorithm.Next(20, in seen, Look), Is.EqualTo(3));
        Assert.That(algorithm.Next(3, in seen, Look * 2), Is.EqualTo(3));
        Assert.That(algorithm.Next(3, in seen, Look * 3), Is.EqualTo(3));
        Assert.That(algorithm.Next(3, in seen, Look * 4), Is.EqualTo(20), "sixty requests were seen");
    }

    [Test]
    public void Gradient_OneStep_IsEnvoysFormula()
    {
        var algorithm = new GradientLimit(3, new Random(1));
        var calm = new LatencySummary(60, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), 3, 0);
        algorithm.Next(20, in calm, Look);
        algorithm.Next(3, in calm, Look * 2);
        var slow = calm with { Median = TimeSpan.FromMilliseconds(20), Peak = 20 };

        // g = (10 + 2.5) / 20 = 0.625; 0.625 · 20 = 12.5; 12.5 + √12.5
        Assert.That(algorithm.Next(20, in slow, Look * 3), Is.EqualTo(12.5 + Math.Sqrt(12.5)).Within(1e-9));
    }

    [Test]
    public void Gradient_AfterAMinute_IsPinnedAgain()
    {
        var algorithm = new GradientLimit(3, new Random(1));
        var calm = new LatencySummary(60, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), 3, 0);
        algorithm.Next(20, in calm, Look);
        algorithm.Next(3, in calm, Look * 2);

        Assert.That(algorithm.Next(20, in calm, TimeSpan.FromSeconds(59)), Is.GreaterThan(3));
        Assert.That(algorithm.Next(20, in calm, TimeSpan.FromSeconds(70)), Is.EqualTo(3));
    }

    [Test]
    public void Aimd_Step_AddsOneOrTakesATenth()
    {
        var algorithm = new AimdLimit();
        var seen = new LatencySummary(10, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), 10, 0);

        Assert.That(algorithm.Next(20, in seen, Look), Is.EqualTo(21));
        Assert.That(algorithm.Next(20, seen with { Peak = 9 }, Look), Is.EqualTo(20), "less than half is used");
        Assert.That(algorithm.Next(20, seen with { Dropped = 1 }, Look), Is.EqualTo(18));
        Assert.That(algorithm.Next(20, seen with { Mean = TimeSpan.FromSeconds(6) }, Look), Is.EqualTo(18));
    }

    [Test]
    public void Vegas_Step_FollowsTheQueue()
    {
        var seen = new LatencySummary(1, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), 100, 0);

        // L = 100: log₁₀ L = 2, α = 6, β = 12; the queue is ⌈L · (1 − 10 ms / rtt)⌉.
        Assert.That(After(10.1), Is.EqualTo(112), "queue 1 ≤ log: + β");
        Assert.That(After(10.5), Is.EqualTo(102), "queue 5 < α: + log");
        Assert.That(After(11), Is.EqualTo(100), "queue 10: within");
        Assert.That(After(12), Is.EqualTo(98), "queue 17 > β: − log");
        Assert.That(new VegasLimit(new Random(1)).Next(100, seen with { Dropped = 1 }, Look), Is.EqualTo(98));

        double After(double milliseconds)
        {
            var algorithm = new VegasLimit(new Random(1));
            algorithm.Next(100, in seen, Look);
            return algorithm.Next(100, seen with { Mean = TimeSpan.FromMilliseconds(milliseconds) }, Look);
        }
    }

    [Test]
    public void Gradient2_OneStep_IsNetflixsFormula()
    {
        var algorithm = new Gradient2Limit();
        var calm = new LatencySummary(10, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), 20, 0);

        Assert.That(algorithm.Next(20, in calm, Look), Is.EqualTo((20 * 0.8) + (0.2 * (20 + 4))).Within(1e-9), "gradient 1");
        var slow = calm with { Mean = TimeSpan.FromMilliseconds(40) };

        // The average of 10 and 40 is 25: g = max(0.5, min(1, 1.5 · 25 / 40)) = 0.9375
        Assert.That(algorithm.Next(20, in slow, Look * 2), Is.EqualTo((20 * 0.8) + (0.2 * ((20 * 0.9375) + 4))).Within(1e-9));
    }

    private static List<double> Run(SheddingAlgorithm algorithm, TimeSpan length, Func<TimeSpan, (int Workers, int Milliseconds)> service, int demand)
    {
        var random = new Random(7);
        var options = new LoadSheddingOptions { Algorithm = algorithm };
        var finder = LimitAlgorithm.Create(options, random);
        List<double> limits = [];
        double limit = options.InitialLimit;
        for (var time = TimeSpan.Zero; time < length; time += Look)
        {
            var (workers, milliseconds) = service(time);
            var inFlight = Math.Min(demand, (int)limit);

            // Little's law: whoever is above the number of workers waits.
            var latency = TimeSpan.FromMilliseconds(milliseconds * Math.Max(1, (double)inFlight / workers) * (0.95 + (0.1 * random.NextDouble())));
            var count = (int)(inFlight * (Look / latency));
            limit = Math.Clamp(finder.Next(limit, new LatencySummary(count, latency, latency, inFlight, 0), time), options.MinLimit, options.MaxLimit);
            limits.Add(limit);
        }

        return limits;
    }
}
