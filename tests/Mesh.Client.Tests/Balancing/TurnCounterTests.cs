using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public sealed class TurnCounterTests
{
    [Test]
    public void Next_OneCallerAtATime_IsStrict()
    {
        var counter = new TurnCounter(new Random(1));
        var first = counter.Next();
        for (ulong turn = 1; turn < 10_000; turn++)
        {
            Assert.That(counter.Next(), Is.EqualTo(first + turn));
        }
    }

    [Test]
    public void Next_CallersOnOtherThreadsOneAfterAnother_IsStrict()
    {
        // As requests do whose continuations hop from thread to thread.
        var counter = new TurnCounter(new Random(1));
        var first = counter.Next();
        for (ulong turn = 1; turn < 50; turn++)
        {
            ulong next = 0;
            var thread = new Thread(() => next = counter.Next());
            thread.Start();
            thread.Join();
            Assert.That(next, Is.EqualTo(first + turn));
        }
    }

    [Test]
    public void Next_ManyThreads_EveryRemainderComesAsOften()
    {
        var counter = new TurnCounter(new Random(1));
        var counts = new int[7];
        Parallel.For(0, 700_000, _ => Interlocked.Increment(ref counts[counter.Next() % 7]));

        // Each of the counters it may have split into is off by one at most.
        Assert.That(counts, Is.All.EqualTo(100_000).Within(20));
    }
}
