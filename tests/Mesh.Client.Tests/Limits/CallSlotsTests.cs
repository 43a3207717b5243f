using Mesh.Client.Limits;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Limits;

public sealed class CallSlotsTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task WaitAsync_SlotComesFree_FirstComeFirstServed()
    {
        var slots = new CallSlots(1, 2, _time);
        Assert.That(slots.TryEnter(), Is.True);
        var first = slots.WaitAsync(Timeout.InfiniteTimeSpan, default).AsTask();
        var second = slots.WaitAsync(Timeout.InfiniteTimeSpan, default).AsTask();
        Assert.That(await slots.WaitAsync(Timeout.InfiniteTimeSpan, default), Is.False, "no room to wait");
        Assert.That(slots.Pending, Is.EqualTo(2));

        slots.Leave();
        Assert.That(await first, Is.True);
        Assert.That(second.IsCompleted, Is.False);
        Assert.That(slots.TryEnter(), Is.False, "nobody overtakes who waits");
        slots.Leave();
        Assert.That(await second, Is.True);
        slots.Leave();

        Assert.That((slots.Active, slots.Pending), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task WaitAsync_NoSlotInTime_IsRefused()
    {
        var slots = new CallSlots(1, 2, _time);
        slots.TryEnter();
        var waiting = slots.WaitAsync(TimeSpan.FromSeconds(1), default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await waiting, Is.False);
        Assert.That(slots.Pending, Is.Zero);
        Assert.That(await slots.WaitAsync(TimeSpan.Zero, default), Is.False, "no time at all");
    }

    [Test]
    public async Task WaitAsync_CallerGivesUp_LeavesTheQueue()
    {
        var slots = new CallSlots(1, 2, _time);
        slots.TryEnter();
        using var caller = new CancellationTokenSource();
        var waiting = slots.WaitAsync(Timeout.InfiniteTimeSpan, caller.Token).AsTask();
        await caller.CancelAsync();

        await Assert.ThatAsync(() => waiting, Throws.InstanceOf<OperationCanceledException>());
        slots.Leave();
        Assert.That((slots.Active, slots.Pending), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Use_MoreMayRun_WakesThoseThatWait()
    {
        var slots = new CallSlots(1, 2, _time);
        slots.TryEnter();
        var waiting = slots.WaitAsync(Timeout.InfiniteTimeSpan, default).AsTask();

        slots.Use(2, 0);

        Assert.That(await waiting, Is.True);
        Assert.That(slots.TryEnter(), Is.False);
        slots.Use(1, 0);
        slots.Leave();
        Assert.That(slots.TryEnter(), Is.False, "one of two has ended, and one may run");
    }

    [Test]
    public async Task EnterAndLeave_FromManyTasks_NeverTooManyAndNobodyForgotten()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var slots = new CallSlots(3, 1000, TimeProvider.System);
        var (running, most, refused, cancelled) = (0, 0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 32).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            for (var i = 0; i < 300; i++)
            {
                using var caller = new CancellationTokenSource();
                if (random.Next(4) == 0)
                {
                    caller.CancelAfter(random.Next(2));
                }

                try
                {
                    if (!slots.TryEnter() && !await slots.WaitAsync(TimeSpan.FromSeconds(30), caller.Token))
                    {
                        Interlocked.Increment(ref refused);
                        continue;
                    }
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                    continue;
                }

                var now = Interlocked.Increment(ref running);
                for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
                {
                    Interlocked.CompareExchange(ref most, now, seen);
                }

                await Task.Yield();
                Interlocked.Decrement(ref running);
                slots.Leave();
            }
        })));

        Assert.That(most, Is.InRange(2, 3));
        Assert.That(refused, Is.Zero);
        Assert.That((slots.Active, slots.Pending), Is.EqualTo((0, 0)));
    }

    [Test]
    public void TryEnterAndLeave_AllocateNothing()
    {
        var slots = new CallSlots(1, 0, _time);
        slots.TryEnter();
        slots.Leave();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            slots.TryEnter();
            slots.TryEnter();
            slots.Leave();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
