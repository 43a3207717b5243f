using CsCheck;
using Mesh.Client.Retry;

namespace Mesh.Client.Tests.Retry;

public sealed class RetryPolicyTests
{
    private static readonly RetryPolicy Policy = new(5, TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(250), new RetryBudgetPolicy(0.2, 10, TimeSpan.FromSeconds(10)));

    [TestCase(1, 25)]
    [TestCase(2, 50)]
    [TestCase(3, 100)]
    [TestCase(4, 200)]
    [TestCase(5, 250)]
    [TestCase(2000, 250)]
    public void BackoffBefore_NthRepetition_IsSpreadEvenlyBelowADoublingCeiling(int retry, double ceiling)
    {
        const int Draws = 20_000;
        var random = new Random(1);
        var tenths = new int[10];
        for (var i = 0; i < Draws; i++)
        {
            tenths[(int)(Policy.BackoffBefore(retry, random).TotalMilliseconds / ceiling * 10)]++;
        }

        // Four standard deviations of a binomial of one tenth.
        Assert.That(tenths, Is.All.EqualTo(Draws / 10).Within(4 * Math.Sqrt(Draws * 0.1 * 0.9)));
    }

    [Test]
    public void BackoffBefore_AnyPolicy_LiesBetweenTheLeastPauseAndTheCapOnTop() =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int).Sample((retry, backoff, cap, least, seed) =>
        {
            var policy = Policy with
            {
                Backoff = TimeSpan.FromMilliseconds(backoff),
                MaxBackoff = TimeSpan.FromMilliseconds(cap),
                MinBackoff = TimeSpan.FromMilliseconds(least),
            };

            var pause = policy.BackoffBefore(retry, new Random(seed)).TotalMilliseconds;

            return pause >= least && pause <= least + cap;
        });
}
