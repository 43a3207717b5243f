using Mesh.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

public sealed class RateLimiterConcurrencyTests
{
    private const int Threads = 4;
    private const int Burst = 10;

    [Test]
    public async Task TryAcquire_FromManyThreadsWithTheClockStopped_AllowsExactlyTheBurst()
    {
        const int LargeBurst = 10_000;
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1, Burst = LargeBurst }, new FakeTimeProvider());
        var allowed = 0;
        await OnThreads(Threads, () =>
        {
            for (var i = 0; i < LargeBurst; i++)
            {
                if (table.TryAcquire("a").Allowed)
                {
                    Interlocked.Increment(ref allowed);
                }
            }
        });

        Assert.That(allowed, Is.EqualTo(LargeBurst));
    }

    // Each step refills the bucket, so the sweep retires the cell just when the threads come back to it. An acquisition in a
    // retired cell would be forgotten, and the step would allow more than its burst.
    [Test]
    public async Task TryAcquire_WhileTheSweepRemovesTheKey_LosesNoAcquisition()
    {
        const int Steps = 500;
        var time = new FakeTimeProvider();
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = Burst, Window = TimeSpan.FromSeconds(30) }, time);
        var allowed = 0;
        var refused = 0;
        var running = true;
        var hammering = OnThreads(Threads, () =>
        {
            while (Volatile.Read(ref running))
            {
                Interlocked.Increment(ref table.TryAcquire("a").Allowed ? ref allowed : ref refused);
            }
        });

        for (var step = 0; step < Steps; step++)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            // Each thread may be about to report a refusal of the step before: one more is of this step.
            var refusedInThisStep = Volatile.Read(ref refused) + Threads + 1;
            SpinWait.SpinUntil(() => Volatile.Read(ref refused) >= refusedInThisStep);
        }

        Volatile.Write(ref running, false);
        await hammering;
        Assert.That(allowed, Is.InRange(Burst * Steps, Burst * (Steps + 1)));
    }

    [Test]
    public async Task TryAcquire_NewKeysFromManyThreads_StayWithinMaxKeys()
    {
        const int MaxKeys = 100;
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "test", Limit = 1 }, new FakeTimeProvider(), MaxKeys);
        var allowed = 0;
        await OnThreads(Threads, () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                if (table.TryAcquire($"key-{i}").Allowed)
                {
                    Interlocked.Increment(ref allowed);
                }
            }
        });

        Assert.That(table.Count, Is.EqualTo(MaxKeys));
        Assert.That(allowed, Is.EqualTo(MaxKeys + 1), "one per key, and one of the bucket that the others share");
    }

    private static Task OnThreads(int count, Action action) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
}
