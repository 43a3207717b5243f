using Mesh.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

public sealed class RateLimiterTableTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public void TryAcquire_WithoutBurst_AllowsTheLimitAtOnce()
    {
        using var table = Table(limit: 3);
        Assert.That(AcquireAll(table, "a"), Is.EqualTo(3));
    }

    [Test]
    public void TryAcquire_CountsDownAndTellsWhenItIsFullAgain()
    {
        using var table = Table(limit: 10, burst: 3);
        Assert.That(table.TryAcquire("a"), Is.EqualTo(new RateLimitResult(true, 2, TimeSpan.Zero, TimeSpan.FromMilliseconds(100))));
        Assert.That(table.TryAcquire("a"), Is.EqualTo(new RateLimitResult(true, 1, TimeSpan.Zero, TimeSpan.FromMilliseconds(200))));
        Assert.That(table.TryAcquire("a"), Is.EqualTo(new RateLimitResult(true, 0, TimeSpan.Zero, TimeSpan.FromMilliseconds(300))));
        Assert.That(table.TryAcquire("a"), Is.EqualTo(new RateLimitResult(false, 0, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300))));
    }

    [TestCase(3, 1, 1.0)]
    [TestCase(7, 5, 1.0)]
    [TestCase(1, 1, 86_400.0)]
    [TestCase(1_000_000, 1000, 1.0)]
    public void TryAcquire_AfterRetryAfter_Allows(int limit, int burst, double windowSeconds)
    {
        using var table = Table(limit, burst, TimeSpan.FromSeconds(windowSeconds));
        Assert.That(AcquireAll(table, "a"), Is.EqualTo(burst));

        var wait = table.TryAcquire("a").RetryAfter;
        _time.Advance(wait - TimeSpan.FromTicks(1));
        Assert.That(table.TryAcquire("a").Allowed, Is.False);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That(table.TryAcquire("a").Allowed, Is.True);
        Assert.That(table.TryAcquire("a").Allowed, Is.False);
    }

    [Test]
    public void TryAcquire_AfterIdling_AllowsTheFullBurstAndNoMore()
    {
        using var table = Table(limit: 10, burst: 5);
        Assert.That(AcquireAll(table, "a"), Is.EqualTo(5));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.That(AcquireAll(table, "a"), Is.EqualTo(5));
        _time.Advance(TimeSpan.FromHours(10));
        Assert.That(AcquireAll(table, "a"), Is.EqualTo(5));
    }

    [Test]
    public void TryAcquire_SustainedOverload_AllowsBurstAndThenThePace()
    {
        using var table = Table(limit: 100, burst: 50);
        var allowed = 0;
        for (var millisecond = 0; millisecond < 10_000; millisecond++)
        {
            allowed += table.TryAcquire("a").Allowed ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(allowed, Is.EqualTo(50 + 999));
    }

    [Test]
    public void TryAcquire_RefusedCalls_DoNotCount()
    {
        using var table = Table(limit: 1, burst: 1);
        table.TryAcquire("a");
        for (var i = 0; i < 100; i++)
        {
            table.TryAcquire("a");
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(table.TryAcquire("a").Allowed, Is.True);
    }

    [Test]
    public void TryAcquire_OtherKeys_AreNotCharged()
    {
        using var table = Table(limit: 2);
        AcquireAll(table, "a");
        Assert.That(AcquireAll(table, "A"), Is.EqualTo(2));
    }

    [Test]
    public void TryAcquire_KnownKey_DoesNotAllocate()
    {
        using var table = Table(limit: 1000);
        table.TryAcquire("a");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            table.TryAcquire("a");
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Update_KeepsWhatIsUsedUp()
    {
        using var table = Table(limit: 10);
        AcquireAll(table, "a");
        table.Update(new RateLimitOptions { Name = "test", Limit = 10, Burst = 12 });
        Assert.That(AcquireAll(table, "a"), Is.EqualTo(2));
        Assert.That((table.Limit, table.Burst, table.Window), Is.EqualTo((10, 12, TimeSpan.FromSeconds(1))));
    }

    [Test]
    public void Sweep_WhenBucketsAreFull_ForgetsTheirKeys()
    {
        using var table = Table(limit: 1, window: TimeSpan.FromSeconds(45));
        table.TryAcquire("early");
        _time.Advance(TimeSpan.FromSeconds(20));
        table.TryAcquire("late");
        Assert.That(table.Count, Is.EqualTo(2));

        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.That(table.Count, Is.EqualTo(1), "early has its token back");
        Assert.That(table.TryAcquire("late").Allowed, Is.False);

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(table.Count, Is.Zero);
        Assert.That(table.TryAcquire("late").Allowed, Is.True);
        Assert.That(table.Count, Is.EqualTo(1));
    }

    [Test]
    public void Sweep_WithoutKeys_HasNoTimer()
    {
        var time = new TimerCountingTimeProvider();
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1 }, time);
        time.Advance(TimeSpan.FromHours(1));
        Assert.That(time.Fired, Is.Zero);

        table.TryAcquire("a");
        time.Advance(TimeSpan.FromHours(1));
        Assert.That(time.Fired, Is.EqualTo(1));
    }

    [Test]
    public void TryAcquire_BeyondMaxKeys_SharesOneBucketUntilThereIsRoom()
    {
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 2, Window = TimeSpan.FromMinutes(1) }, _time, maxKeys: 2);
        table.TryAcquire("a");
        table.TryAcquire("b");

        Assert.That(table.TryAcquire("c").Allowed, Is.True);
        Assert.That(table.TryAcquire("d").Allowed, Is.True);
        Assert.That(table.TryAcquire("e").Allowed, Is.False, "c and d have used up the shared bucket");
        Assert.That(table.TryAcquire("a").Allowed, Is.True, "a known key has a bucket of its own");
        Assert.That(table.Count, Is.EqualTo(2));

        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.That(table.Count, Is.EqualTo(1), "b has its token back");
        Assert.That(AcquireAll(table, "f"), Is.EqualTo(2));
    }

    [Test]
    public void TryAcquire_BeyondMaxKeys_HurriesTheSweep()
    {
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1000 }, _time, maxKeys: 1);
        table.TryAcquire("a");
        _time.Advance(TimeSpan.FromSeconds(2));
        table.TryAcquire("b");
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(table.Count, Is.Zero);
    }

    [Test]
    public void Dispose_ThenTryAcquire_StillAnswers()
    {
        var table = Table(limit: 1);
        table.Dispose();
        Assert.That(AcquireAll(table, "a"), Is.EqualTo(1));
    }

    private static int AcquireAll(RateLimiterTable table, string key)
    {
        var allowed = 0;
        while (table.TryAcquire(key).Allowed)
        {
            allowed++;
        }

        return allowed;
    }

    private RateLimiterTable Table(int limit, int? burst = null, TimeSpan? window = null) =>
        new(new RateLimitOptions { Name = "test", Limit = limit, Burst = burst, Window = window ?? TimeSpan.FromSeconds(1) }, _time);

    [Test]
    public void TryAcquire_TheSweepComesAfterTheClockWasRead_AllowsNoMoreThanTheBurst()
    {
        var time = new InterruptedTimeProvider();
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 10, Window = TimeSpan.FromSeconds(30) }, time, maxKeys: 64);
        table.TryAcquire("a", cost: 10);
        time.Advance(TimeSpan.FromSeconds(15));
        for (var i = 0; i < 10; i++)
        {
            // In use, so that the sweep finds it not worth its while to move them, and clears the one in its place.
            table.TryAcquire($"other-{i}", cost: 10);
        }

        time.Interrupt(afterReadings: 0, () => time.Advance(TimeSpan.FromSeconds(15)), isLate: true);
        var allowed = 0;
        for (var i = 0; i < 12; i++)
        {
            allowed += table.TryAcquire("a").Allowed ? 1 : 0;
        }

        Assert.That(allowed, Is.LessThanOrEqualTo(10));
    }
}
