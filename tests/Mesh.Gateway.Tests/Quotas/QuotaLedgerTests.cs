using CsCheck;
using Mesh.Gateway.Quotas;
using Mesh.Gateway.Usage;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Gateway.Tests.Quotas;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class QuotaLedgerTests
{
    private static readonly DateTimeOffset Start = new(2027, 1, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly QuotaLedger _ledger = new(new JournalQueue(isKept: false));
    private readonly FakeTimeProvider _time = new(Start);

    [Test]
    public void TryCharge_UpToTheLimit_ThenRefusesUntilTheMonthEnds()
    {
        var quota = Monthly(3);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(Charge([quota])[0], Is.EqualTo(new QuotaResult(true, 2 - i, TimeSpan.Zero, new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero) - Start)));
        }

        var refused = Charge([quota])[0];
        Assert.That(refused.Allowed, Is.False);
        Assert.That(_time.GetUtcNow() + refused.RetryAfter, Is.EqualTo(new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero)));
        _time.Advance(refused.RetryAfter - TimeSpan.FromTicks(1));
        Assert.That(Charge([quota])[0].Allowed, Is.False);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That(Charge([quota])[0], Is.EqualTo(new QuotaResult(true, 2, TimeSpan.Zero, TimeSpan.FromDays(28))));
    }

    [Test]
    public void TryCharge_OneOfTwoIsUsedUp_TheOtherIsNotCharged()
    {
        Quota day = Of("day", 2, QuotaPeriod.Day), month = Monthly(10);
        Charge([month, day]);
        Charge([month, day]);
        var refused = Charge([month, day]);
        Assert.That(refused[0], Has.Property("Allowed").True.And.Property("Remaining").EqualTo(8));
        Assert.That(refused[1], Has.Property("Allowed").False.And.Property("Remaining").EqualTo(0));
        Assert.That(Charge([month])[0].Remaining, Is.EqualTo(7));
    }

    [Test]
    public void TryCharge_LimitChangesOnReload_WhatWasUsedStays()
    {
        Charge([Monthly(3)], cost: 3);
        Assert.That(Charge([Monthly(3)])[0].Allowed, Is.False);
        Assert.That(Charge([Monthly(10)])[0].Remaining, Is.EqualTo(6));
        Assert.That(Charge([Monthly(2)])[0], Has.Property("Allowed").False.And.Property("Remaining").EqualTo(0));
    }

    [Test]
    public void TryCharge_ClockGoesBackOverMidnight_GoesOnInTheDayThatHadBegun()
    {
        var day = Of("day", 2, QuotaPeriod.Day);
        _time.Advance(TimeSpan.FromHours(12));
        Charge([day], cost: 2);
        var back = _time.GetUtcNow() - TimeSpan.FromSeconds(1);
        var results = new QuotaResult[1];
        Assert.That(_ledger.TryCharge([day], "acme", 1, back, results), Is.False);
        Assert.That(back + results[0].RetryAfter, Is.EqualTo(new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public void TryCharge_ClockWasFarAhead_NobodyWaitsForThatDay()
    {
        var day = Of("day", 2, QuotaPeriod.Day);
        var results = new QuotaResult[1];
        _ledger.TryCharge([day], "acme", 2, Start.AddYears(1), results);
        Assert.That(_ledger.TryCharge([day], "acme", 1, Start, results), Is.True);
    }

    [Test]
    public void TryCharge_ManyAtOnce_ExactlyTheLimitPasses([Values] QuotaWindow window)
    {
        var quota = Of("many", 1000, QuotaPeriod.Day, window);
        var passed = 0;
        Parallel.For(0, 8, _ =>
        {
            var results = new QuotaResult[1];
            for (var i = 0; i < 500; i++)
            {
                if (_ledger.TryCharge([quota], "acme", 1, Start, results))
                {
                    Interlocked.Increment(ref passed);
                }
            }
        });
        Assert.That(passed, Is.EqualTo(1000));
    }

    [Test]
    public void TryCharge_WhileWindowsChange_NoWindowExceedsItsLimitAndNoneIsLost()
    {
        // Threads race over the ends of two hundred hours. Each comes to the next one when all have begun this one.
        const int Limit = 50;
        const int Threads = 4;
        var quota = Of("many", Limit, QuotaPeriod.Day, QuotaWindow.Rolling);
        var passed = new long[200];
        using var begun = new Barrier(Threads);
        Task.WaitAll([.. Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var results = new QuotaResult[1];
                for (var hour = 0; hour < passed.Length; hour++)
                {
                    begun.SignalAndWait();
                    for (var i = 0; i < 40; i++)
                    {
                        if (_ledger.TryCharge([quota], "acme", 1, Start.AddHours(hour), results))
                        {
                            Interlocked.Increment(ref passed[hour]);
                        }
                    }
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))]);

        // A charge may be counted in the hour after its own, when that had begun: hence windows of one hour less.
        for (var i = 0; i + 24 <= passed.Length; i++)
        {
            Assert.That(passed.AsSpan(i, 24).ToArray().Sum(), Is.LessThanOrEqualTo(Limit));
        }

        Assert.That(passed.Sum(), Is.GreaterThanOrEqualTo(Limit * (passed.Length / 26)));
    }

    [Test]
    public void TryCharge_Rolling_NoStretchOfThePeriodHasMoreThanTheLimit()
    {
        const int Limit = 20;
        Gen.Select(Gen.Int[0, 400], Gen.Int[1, 5]).Array[1, 300].Sample(
            steps =>
            {
                var ledger = new QuotaLedger(new JournalQueue(isKept: false));
                var quota = Of("rolling", Limit, QuotaPeriod.Day, QuotaWindow.Rolling);
                var results = new QuotaResult[1];
                List<(DateTimeOffset Time, int Cost)> passed = [];
                var now = Start;
                foreach (var (minutes, cost) in steps)
                {
                    now += TimeSpan.FromMinutes(minutes);
                    if (ledger.TryCharge([quota], "acme", cost, now, results))
                    {
                        passed.Add((now, cost));
                    }
                    else
                    {
                        // What is said about when it fits is true, and not too early.
                        var again = now + results[0].RetryAfter;
                        Assert.That(Fits(passed, again, cost), Is.True);
                        Assert.That(Fits(passed, again - TimeSpan.FromHours(1) - TimeSpan.FromTicks(1), cost), Is.False);
                    }

                    Assert.That(passed.Where(one => one.Time > now - TimeSpan.FromDays(1)).Sum(static one => one.Cost), Is.LessThanOrEqualTo(Limit));
                }
            },
            iter: 300);

        static bool Fits(List<(DateTimeOffset Time, int Cost)> passed, DateTimeOffset then, int cost) =>
            passed.Where(one => one.Time > then - TimeSpan.FromDays(1)).Sum(static one => one.Cost) + cost <= Limit;
    }

    [Test]
    public void TryCharge_MoreConsumersThanTheBound_TheRestSharesOneAccount()
    {
        var ledger = new QuotaLedger(new JournalQueue(isKept: false), maxAccounts: 10);
        var quota = Monthly(3);
        var results = new QuotaResult[1];
        var passed = Enumerable.Range(0, 100).Count(i => ledger.TryCharge([quota], $"c{i}", 1, Start, results));
        Assert.That(passed, Is.EqualTo(10 + 3));
        Assert.That(ledger.Count, Is.LessThanOrEqualTo(11));
        Assert.That(ledger.TryCharge([quota], "c5", 1, Start, results), Is.True, "known consumers are not touched");
    }

    [Test]
    public void Sweep_WindowsLongPast_AreForgottenAndPresentOnesAreKept()
    {
        Charge([Monthly(3), Of("day", 2, QuotaPeriod.Day)]);
        _time.Advance(TimeSpan.FromDays(3));
        _ledger.Sweep(_time.GetUtcNow());
        Assert.That(_ledger.Accounts.Select(static account => account.Key.Quota), Is.EqualTo(new[] { "month" }));
        Assert.That(_ledger.Count, Is.EqualTo(1));
        Assert.That(Charge([Of("day", 2, QuotaPeriod.Day)])[0].Remaining, Is.EqualTo(1));
    }

    private QuotaResult[] Charge(Quota[] quotas, int cost = 1)
    {
        var results = new QuotaResult[quotas.Length];
        _ledger.TryCharge(quotas, "acme", cost, _time.GetUtcNow(), results);
        return results;
    }

    private static Quota Monthly(long limit) => Of("month", limit, QuotaPeriod.Month);

    private static Quota Of(string name, long limit, QuotaPeriod period, QuotaWindow window = QuotaWindow.Calendar) =>
        new(new QuotaOptions { Name = name, Limit = limit, Period = period, Window = window });
}
