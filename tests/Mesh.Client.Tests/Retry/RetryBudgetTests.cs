using CsCheck;
using Mesh.Client.Retry;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Retry;

public sealed class RetryBudgetTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    // What happens next: time passes, then a call begins or a retry asks.
    private static readonly Gen<(int Milliseconds, bool IsRetry)[]> Timelines =
        Gen.Select(Gen.Int[0, 700], Gen.Bool).Array[1, 300];

    [Test]
    public void TryWithdraw_OnAnyTimeline_DecidesAsFinaglesFormula() =>
        Gen.Select(Timelines, Gen.OneOf(Gen.Const(0.0), Gen.Double[0.001, 2]), Gen.Double[0, 2]).Sample((timeline, ratio, min) =>
        {
            var time = new FakeTimeProvider();
            var budget = new RetryBudget(new RetryBudgetPolicy(ratio, min, Ttl), time);
            var reference = new Formula(ratio, min, time);
            foreach (var (milliseconds, isRetry) in timeline)
            {
                time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                if (!isRetry)
                {
                    budget.Deposit(time.GetTimestamp());
                    reference.Deposit();
                }
                else if (budget.TryWithdraw(time.GetTimestamp()) != reference.TryWithdraw())
                {
                    return false;
                }

                if (budget.Balance(time.GetTimestamp()) != reference.Balance)
                {
                    return false;
                }
            }

            return true;
        });

    [Test]
    public void TryWithdraw_OnAnyTimeline_StaysWithinRatioOfCallsPlusReserve() =>
        Gen.Select(Timelines, Gen.Double[0.01, 1], Gen.Double[0, 2]).Sample((timeline, ratio, min) =>
        {
            var time = new FakeTimeProvider();
            var budget = new RetryBudget(new RetryBudgetPolicy(ratio, min, Ttl), time);
            List<DateTimeOffset> calls = [], retries = [];
            foreach (var (milliseconds, isRetry) in timeline)
            {
                time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                var now = time.GetUtcNow();
                if (!isRetry)
                {
                    budget.Deposit(time.GetTimestamp());
                    calls.Add(now);
                }
                else if (budget.TryWithdraw(time.GetTimestamp()))
                {
                    retries.Add(now);

                    // Slices make the window up to a tenth shorter than the time-to-live.
                    var allowed = (ratio * calls.Count(call => now - call <= Ttl)) + (min * Ttl.TotalSeconds);
                    if (retries.Count(retry => now - retry <= Ttl * 0.9) > allowed + 0.01)
                    {
                        return false;
                    }
                }
            }

            return true;
        });

    [Test]
    public void TryWithdraw_RatioAndMinimumZero_Never()
    {
        var time = new FakeTimeProvider();
        var budget = new RetryBudget(new RetryBudgetPolicy(0, 0, Ttl), time);
        for (var i = 0; i < 1000; i++)
        {
            budget.Deposit(time.GetTimestamp());
        }

        Assert.That(budget.TryWithdraw(time.GetTimestamp()), Is.False);
        Assert.That(budget.Exhausted, Is.EqualTo(1));
    }

    [Test]
    public void TryWithdraw_RatioZero_GivesTheMinimumAndNoMore()
    {
        var time = new FakeTimeProvider();
        var budget = new RetryBudget(new RetryBudgetPolicy(0, 2, Ttl), time);

        var granted = Enumerable.Range(0, 100).Count(_ => budget.TryWithdraw(time.GetTimestamp()));

        Assert.That(granted, Is.EqualTo(20));
    }

    // A slice once counted units: a tiny ratio overflowed it, and every further retry was free.
    [TestCase(0.00001, 10)]
    [TestCase(0.001, 1000)]
    public void TryWithdraw_TinyRatio_GivesTheReserveAndNoMore(double ratio, double min)
    {
        var time = new FakeTimeProvider();
        var budget = new RetryBudget(new RetryBudgetPolicy(ratio, min, Ttl), time);

        var granted = Enumerable.Range(0, 30_000).Count(_ => budget.TryWithdraw(time.GetTimestamp()));

        Assert.That(granted, Is.EqualTo((int)(min * Ttl.TotalSeconds)));
    }

    [Test]
    public void TryWithdraw_FromManyThreads_NeverOverdraws()
    {
        var time = new FakeTimeProvider();
        for (var round = 0; round < 50; round++)
        {
            var budget = new RetryBudget(new RetryBudgetPolicy(0.5, 1, Ttl), time);
            var granted = 0;
            Parallel.For(0, 8, _ =>
            {
                for (var i = 0; i < 50; i++)
                {
                    budget.Deposit(time.GetTimestamp());
                    if (budget.TryWithdraw(time.GetTimestamp()))
                    {
                        Interlocked.Increment(ref granted);
                    }
                }
            });

            Assert.That(granted, Is.EqualTo(210), "200 for 400 calls, 10 of the reserve");
        }
    }

    /// <summary>Finagle's formula as it stands in the papers: a list of movements, summed up anew each time.</summary>
    private sealed class Formula(double ratio, double min, TimeProvider time)
    {
        private readonly List<(long Slice, long Units)> _movements = [];
        private readonly long _price = ratio > 0 ? (long)(1000 / ratio) : 1;
        private readonly long _reserve = (long)(min * Ttl.TotalSeconds * (ratio > 0 ? (long)(1000 / ratio) : 1));

        public long Balance => Math.Max(0, Units) / _price;

        private long Slice => time.GetTimestamp() / (time.TimestampFrequency * (long)Ttl.TotalSeconds / 10);

        private long Units => _reserve + _movements.Where(movement => Slice - movement.Slice < 10).Sum(static movement => movement.Units);

        public void Deposit() => _movements.Add((Slice, ratio > 0 ? 1000 : 0));

        public bool TryWithdraw()
        {
            if (Units < _price)
            {
                return false;
            }

            _movements.Add((Slice, -_price));
            return true;
        }
    }
}
