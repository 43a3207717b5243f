using CsCheck;
using Mesh.Client.Balancing.Locality;

namespace Mesh.Client.Tests.Balancing.Locality;

public sealed class LevelLoadsTests
{
    // From Envoy's documentation of priority levels: healthy percentages of P0, P1 and P2, and their traffic.
    [TestCase(new[] { 100, 100 }, new[] { 100.0, 0 })]
    [TestCase(new[] { 72, 72 }, new[] { 100.0, 0 })]
    [TestCase(new[] { 71, 71 }, new[] { 99.4, 0.6 })]
    [TestCase(new[] { 50, 50 }, new[] { 70.0, 30 })]
    [TestCase(new[] { 25, 100 }, new[] { 35.0, 65 })]
    [TestCase(new[] { 25, 25 }, new[] { 50.0, 50 })]
    [TestCase(new[] { 5, 0 }, new[] { 100.0, 0 })]
    [TestCase(new[] { 0, 0 }, new[] { 50.0, 50 })]
    [TestCase(new[] { 0, 100, 100 }, new[] { 0.0, 100, 0 })]
    [TestCase(new[] { 20, 20, 10 }, new[] { 40.0, 40, 20 })]
    public void Choose_EnvoysExamples_HaveItsLoads(int[] healthy, double[] expected) =>
        Assert.That(Shares([.. healthy.Select(static percent => (percent, 100))]), Is.EqualTo(expected).Within(0.05));

    [Test]
    public void Choose_AnyLevels_EqualsTheReference() =>
        Gen.Int[1, 40].SelectMany(static total => Gen.Int[0, total].Select(healthy => (Healthy: healthy, Total: total))).Array[1, 6].Sample(levels =>
            Assert.That(Shares(levels), Is.EqualTo(Reference(levels)).Within(0.05)));

    [Test]
    public void IsPanic_AnyLevels_EqualsTheReference() =>
        Gen.Select(Gen.Int[1, 40].SelectMany(static total => Gen.Int[0, total].Select(healthy => (Healthy: healthy, Total: total))).Array[1, 6], Gen.Int[0, 100])
            .Sample((levels, threshold) =>
            {
                var loads = new LevelLoads(0, levels, threshold);
                var enough = levels.Sum(static level => HealthOf(level)) >= 100;
                for (var i = 0; i < levels.Length; i++)
                {
                    Assert.That(loads.IsPanic(i), Is.EqualTo(!enough && levels[i].Healthy * 100.0 / levels[i].Total < threshold));
                }
            });

    [Test]
    public void Choose_SameHash_IsTheSameLevelInTheRightShare()
    {
        var loads = new LevelLoads(0, [(50, 100), (50, 100)], 50);
        var random = new Random(1);
        var first = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var hash = (ulong)random.NextInt64();
            var level = loads.Choose(random, hash);
            Assert.That(loads.Choose(random, hash), Is.EqualTo(level));
            first += level == 0 ? 1 : 0;
        }

        Assert.That(first, Is.EqualTo(7000).Within(250));
    }

    // Envoy's published formulae, level by level, without a thought for speed.
    private static double[] Reference((int Healthy, int Total)[] levels)
    {
        var normalized = Math.Min(100, levels.Sum(HealthOf));
        var loads = new double[levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            loads[i] = normalized == 0
                ? 100.0 * levels[i].Total / levels.Sum(static level => level.Total)
                : Math.Min(100 - loads[..i].Sum(), HealthOf(levels[i]) * 100 / normalized);
        }

        return loads;
    }

    private static double HealthOf((int Healthy, int Total) level) => Math.Min(100, 140.0 * level.Healthy / level.Total);

    // The exact shares: every hundredth of a percent is asked for once.
    private static double[] Shares((int Healthy, int Total)[] levels)
    {
        var loads = new LevelLoads(0, levels, 50);
        var shares = new double[levels.Length];
        for (ulong point = 0; point < 10_000; point++)
        {
            shares[loads.Choose(Random.Shared, point)] += 0.01;
        }

        return shares;
    }
}
