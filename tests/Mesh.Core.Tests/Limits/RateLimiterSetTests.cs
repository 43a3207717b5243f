using Mesh.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

public sealed class RateLimiterSetTests
{
    private readonly InterruptedTimeProvider _time = new();

    [Test]
    public void TryAcquire_WithoutCharges_Allows() => Assert.That(RateLimiterSet.TryAcquire([], []), Is.True);

    [Test]
    public void TryAcquire_WhenAllAllow_ChargesEach()
    {
        using var wide = Table("wide", 10);
        using var narrow = Table("narrow", 3);
        var results = new RateLimitResult[2];

        Assert.That(RateLimiterSet.TryAcquire([new(wide, "all"), new(narrow, "a")], results), Is.True);
        Assert.That(results, Is.All.Matches<RateLimitResult>(static result => result.Allowed));
        Assert.That((results[0].Remaining, results[1].Remaining), Is.EqualTo((9, 2)));
    }

    [Test]
    public void TryAcquire_WhenSomeRefuse_ChargesNoneAndNamesEachThatRefused()
    {
        using var wide = Table("wide", 10);
        using var narrow = Table("narrow", 1);
        using var narrower = Table("narrower", 1);
        narrow.TryAcquire("a");
        narrower.TryAcquire("a");
        var results = new RateLimitResult[3];

        for (var i = 0; i < 20; i++)
        {
            Assert.That(RateLimiterSet.TryAcquire([new(narrow, "a"), new(wide, "all"), new(narrower, "a")], results), Is.False);
        }

        Assert.That(results.Select(static result => result.Allowed), Is.EqualTo(new[] { false, true, false }));
        Assert.That(results[0].RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(results[1].Remaining, Is.EqualTo(10));
        Assert.That(wide.TryAcquire("all").Remaining, Is.EqualTo(9));
    }

    [Test]
    public void TryAcquire_WhenTheLastTokenGoesToAnotherMeanwhile_GivesBackWhatWasCharged()
    {
        using var wide = Table("wide", 10);
        using var narrow = Table("narrow", 1);
        var results = new RateLimitResult[2];

        // Two readings of the question, one of the first charge: before the second charge.
        _time.Interrupt(afterReadings: 3, () => narrow.TryAcquire("a"));
        Assert.That(RateLimiterSet.TryAcquire([new(wide, "all"), new(narrow, "a")], results), Is.False);

        Assert.That((results[0].Allowed, results[1].Allowed), Is.EqualTo((true, false)));
        Assert.That(wide.TryAcquire("all").Remaining, Is.EqualTo(9), "only this one counts");
    }

    [Test]
    public void TryAcquire_WithTooFewResults_Throws()
    {
        using var table = Table("a", 1);
        Assert.That(() => RateLimiterSet.TryAcquire([new(table, "a")], []), Throws.ArgumentException);
    }

    [Test]
    public void TryAcquire_DoesNotAllocate()
    {
        using var wide = Table("wide", 1000);
        using var narrow = Table("narrow", 50);
        RateLimitCharge[] charges = [new(wide, "all"), new(narrow, "a")];
        var results = new RateLimitResult[2];
        RateLimiterSet.TryAcquire(charges, results);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            RateLimiterSet.TryAcquire(charges, results);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void TryAcquire_FromManyThreadsWithTheClockStopped_ChargesAllLimitsAlike()
    {
        var time = new FakeTimeProvider();
        using var wide = new RateLimiterTable(new RateLimitOptions { Name = "wide", Limit = 50_000 }, time);
        using var narrow = new RateLimiterTable(new RateLimitOptions { Name = "narrow", Limit = 1_000 }, time);
        var allowed = 0;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            var results = new RateLimitResult[2];
            for (var i = 0; i < 5_000; i++)
            {
                if (RateLimiterSet.TryAcquire([new(wide, "all"), new(narrow, "a")], results))
                {
                    Interlocked.Increment(ref allowed);
                }
            }
        });

        Assert.That(allowed, Is.EqualTo(1_000));
        Assert.That(wide.TryAcquire("all").Remaining, Is.EqualTo(50_000 - 1_000 - 1));
    }

    private RateLimiterTable Table(string name, int limit) => new(new RateLimitOptions { Name = name, Limit = limit }, _time);
}
