using CsCheck;
using Mesh.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

public sealed class SlidingWindowTests
{
    private static readonly Gen<RateLimitOptions> Options = Gen.Select(Gen.Int[1, 50], Gen.Int[10, 60_000], static (limit, milliseconds) => new RateLimitOptions
    {
        Name = "test", Algorithm = RateLimitAlgorithm.SlidingWindow, Limit = limit, Window = TimeSpan.FromMilliseconds(milliseconds),
    });

    // In units of a twentieth of the window.
    private static readonly Gen<int[]> Pauses = Gen.Frequency((6, Gen.Const(0)), (4, Gen.Int[0, 15]), (1, Gen.Int[0, 100])).Array[1, 200];

    [Test]
    public void TryAcquire_AtTheEdge_DoesNotAllowTheLimitTwice()
    {
        var time = new FakeTimeProvider();
        using var table = Table(10, time);
        time.Advance(TimeSpan.FromMilliseconds(990));
        Assert.That(AcquireAll(table), Is.EqualTo(10));
        time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.That(AcquireAll(table), Is.Zero, "a fixed window would allow ten more");
        time.Advance(TimeSpan.FromMilliseconds(980));
        Assert.That(AcquireAll(table), Is.Zero, "half a window may be late");
        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.That(AcquireAll(table), Is.EqualTo(10));
    }

    [Test]
    public void TryAcquire_AtRandomTimes_NeverAllowsMoreInAnyWindow_AndIsNotStricterThanOneAndAHalf() => Gen.Select(Options, Pauses).Sample(
        static (options, pauses) =>
        {
            var time = new FakeTimeProvider();
            using var table = new RateLimiterTable(options, time);
            List<long> allowed = [];
            foreach (var pause in pauses)
            {
                time.Advance(options.Window / 20 * pause);
                var now = time.GetUtcNow().Ticks;
                var inWindow = allowed.Count(at => now - at < options.Window.Ticks);
                var inLonger = allowed.Count(at => now - at <= (options.Window.Ticks * 3 / 2) + 2);
                var result = table.TryAcquire("a");
                if (result.Allowed ? inWindow >= options.Limit : inLonger < options.Limit)
                {
                    return false;
                }

                if (result.Allowed)
                {
                    allowed.Add(now);
                }
            }

            return true;
        },
        iter: 20_000);

    [Test]
    public void TryAcquire_AfterRetryAfter_AllowsAndNotBefore() => Gen.Select(Options, Pauses).Sample(
        static (options, pauses) =>
        {
            var time = new FakeTimeProvider();
            using var table = new RateLimiterTable(options, time);
            foreach (var pause in pauses)
            {
                time.Advance(options.Window / 20 * pause);
                if (table.TryAcquire("a") is { Allowed: false } refusal)
                {
                    time.Advance(refusal.RetryAfter - TimeSpan.FromTicks(1));
                    if (table.TryAcquire("a").Allowed)
                    {
                        return false;
                    }

                    time.Advance(TimeSpan.FromTicks(1));
                    if (!table.TryAcquire("a").Allowed)
                    {
                        return false;
                    }
                }
            }

            return true;
        },
        iter: 20_000);

    [Test]
    public void Return_GivesBackWhatWasTaken()
    {
        var time = new FakeTimeProvider();
        using var table = Table(10, time);
        table.TryAcquire("a", 4, out var first);
        time.Advance(TimeSpan.FromMilliseconds(600));
        table.TryAcquire("a", 3, out _);
        first.Return();
        Assert.That(table.TryAcquire("a", 7).Allowed, Is.True);
        Assert.That(table.TryAcquire("a").Allowed, Is.False);
        time.Advance(TimeSpan.FromSeconds(10));
        first.Return();
        Assert.That(AcquireAll(table), Is.EqualTo(10), "what has passed is not given back twice");
    }

    [Test]
    public void TryAcquire_AfterAsManyHalvesAsThereAreNumbers_HasForgotten()
    {
        var time = new FakeTimeProvider();
        using var table = Table(10, time);
        AcquireAll(table);
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(32_768); passed += TimeSpan.FromSeconds(32))
        {
            time.Advance(TimeSpan.FromSeconds(32));
        }

        Assert.That(AcquireAll(table), Is.EqualTo(10));
    }

    private static RateLimiterTable Table(int limit, TimeProvider time) =>
        new(new RateLimitOptions { Name = "test", Algorithm = RateLimitAlgorithm.SlidingWindow, Limit = limit }, time);

    private static int AcquireAll(RateLimiterTable table)
    {
        var allowed = 0;
        while (table.TryAcquire("a").Allowed)
        {
            allowed++;
        }

        return allowed;
    }
}
