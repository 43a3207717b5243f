using CsCheck;
using Mesh.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

/// <summary>Keys move while they are in use: nothing may be lost or counted twice.</summary>
public sealed class RateLimiterGrowthTests
{
    [Test]
    public void TryAcquire_AMillionKeys_CostAtMost64BytesEach()
    {
        const int Keys = 1_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1, Window = TimeSpan.FromHours(1) }, new FakeTimeProvider());
        for (var i = 0; i < Keys; i++)
        {
            Assert.That(table.TryAcquire(Key(i)).Allowed, Is.True);
        }

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / Keys;

        Assert.That(table.Count, Is.EqualTo(Keys));
        Assert.That(bytes, Is.LessThanOrEqualTo(64));
        for (var i = 0; i < Keys; i += 997)
        {
            Assert.That(table.TryAcquire(Key(i)).Allowed, Is.False, "every key is still known");
        }
    }

    [Test]
    public void TryAcquire_ManyThreadsAndNewKeys_AllowsEachKeyExactlyItsBurst()
    {
        const int Keys = 20_000, Burst = 3;
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1, Burst = Burst, Window = TimeSpan.FromHours(1) }, new FakeTimeProvider());
        var allowed = new int[Keys];
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (var round = 0; round < 2; round++)
            {
                for (var i = 0; i < Keys; i++)
                {
                    if (table.TryAcquire(Key(i)).Allowed)
                    {
                        Interlocked.Increment(ref allowed[i]);
                    }
                }
            }
        });

        Assert.That(allowed.Distinct(), Is.EqualTo([Burst]));
        Assert.That(table.Count, Is.EqualTo(Keys));
    }

    // Half of the keys come to rest in each step, so that the sweep moves the others while four threads use all of them.
    [Test]
    public void Sweep_WhileKeysAreUsed_LosesNoAcquisition()
    {
        const int Keys = 2_000, Steps = 40;
        var time = new FakeTimeProvider();
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1, Window = TimeSpan.FromMinutes(5) }, time);
        var allowed = new int[Keys];
        for (var step = 0; step < Steps; step++)
        {
            var first = step % 2 == 0 ? 0 : Keys / 2;
            Parallel.Invoke(
                () => time.Advance(TimeSpan.FromSeconds(31)),
                () => Use(first),
                () => Use(first),
                () => Use(0));
        }

        // 40 steps of 31 s are 20 min 40 s: the first, and one for each five minutes.
        Assert.That(allowed.Max(), Is.LessThanOrEqualTo(5));

        void Use(int from)
        {
            for (var i = from; i < Keys; i++)
            {
                if (table.TryAcquire(Key(i)).Allowed)
                {
                    Interlocked.Increment(ref allowed[i]);
                }
            }
        }
    }

    [Test]
    public void Sweep_EverythingIsUnused_GivesTheMemoryBack()
    {
        var time = new FakeTimeProvider();
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1 }, time);
        for (var i = 0; i < 100_000; i++)
        {
            table.TryAcquire(Key(i));
        }

        var full = GC.GetTotalMemory(forceFullCollection: true);
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(table.Count, Is.Zero);
        Assert.That(full - GC.GetTotalMemory(forceFullCollection: true), Is.GreaterThan(100_000 * 16));
    }

    [Test]
    public void TryAcquire_Cost_TakesAsManyTokens() => Gen.Int[1, 10].Array[1, 30].Sample(static costs =>
    {
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1, Burst = 50, Window = TimeSpan.FromHours(1) }, new FakeTimeProvider());
        var left = 50;
        foreach (var cost in costs)
        {
            var result = table.TryAcquire("a", cost);
            if (result.Allowed != cost <= left)
            {
                return false;
            }

            left -= result.Allowed ? cost : 0;
            if (result.Allowed && result.Remaining != left)
            {
                return false;
            }
        }

        return true;
    });

    private static string Key(int number) => $"spiffe://shop.example/ns/shop/sa/{number}";
}
