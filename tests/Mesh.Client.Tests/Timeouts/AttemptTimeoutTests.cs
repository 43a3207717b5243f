using Mesh.Client.Timeouts;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Timeouts;

[NonParallelizable]
public sealed class AttemptTimeoutTests
{
    [Test]
    public void Start_AfterManyReturned_IsNeverCancelledBefore()
    {
        for (var i = 0; i < 10_000; i++)
        {
            var timeout = AttemptTimeout.Start(i % 3 == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
            if (i % 3 != 0)
            {
                Assert.That(timeout.IsCancellationRequested, Is.False);
            }

            if (i % 5 == 0)
            {
                timeout.Cancel();
            }

            timeout.Return();
        }
    }

    [Test]
    public void Start_WhoseTimerFiresWhileItIsReturned_DoesNotReachTheNext()
    {
        Parallel.For(0, 2000, i =>
        {
            var racing = AttemptTimeout.Start(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
            Thread.SpinWait(i % 50 * 200);
            racing.Return();
            var next = AttemptTimeout.Start(TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
            Thread.SpinWait(500);
            Assert.That(next.IsCancellationRequested, Is.False);
            next.Return();
        });
    }

    [Test]
    public void Start_CallerCancels_CancelsTheAttempt()
    {
        using var caller = new CancellationTokenSource();
        var timeout = AttemptTimeout.Start(TimeSpan.FromMinutes(1), TimeProvider.System, caller.Token);

        caller.Cancel();

        Assert.That(timeout.IsCancellationRequested, Is.True);
        timeout.Return();
    }

    [Test]
    public void Start_CallerHasCancelled_IsCancelledAtOnce()
    {
        var timeout = AttemptTimeout.Start(TimeSpan.FromMinutes(1), TimeProvider.System, new CancellationToken(canceled: true));
        Assert.That(timeout.IsCancellationRequested, Is.True);
        timeout.Return();
    }

    [Test]
    public void Return_CallerCancelsLater_ReachesNobody()
    {
        using var caller = new CancellationTokenSource();
        AttemptTimeout.Start(TimeSpan.FromMinutes(1), TimeProvider.System, caller.Token).Return();
        var next = AttemptTimeout.Start(TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);

        caller.Cancel();

        Assert.That(next.IsCancellationRequested, Is.False);
        next.Return();
    }

    [Test]
    public void Return_LongLivedCallerToken_HoldsNoRegistrations()
    {
        using var caller = new CancellationTokenSource();
        var references = StartAndReturnMany(caller.Token);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // A virtual clock's sources are not pooled: whatever is alive hangs on the caller's token.
        Assert.That(references.Count(static reference => reference.IsAlive), Is.LessThanOrEqualTo(1));
        GC.KeepAlive(caller);

        static List<WeakReference> StartAndReturnMany(CancellationToken caller)
        {
            var time = new FakeTimeProvider();
            List<WeakReference> references = [];
            for (var i = 0; i < 100; i++)
            {
                var timeout = AttemptTimeout.Start(TimeSpan.FromMinutes(1), time, caller);
                references.Add(new WeakReference(timeout));
                timeout.Return();
            }

            return references;
        }
    }

    [Test]
    public void Start_OnVirtualClock_FiresWhenItsTimeHasCome()
    {
        var time = new FakeTimeProvider();
        var timeout = AttemptTimeout.Start(TimeSpan.FromSeconds(2), time, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.That(timeout.IsCancellationRequested, Is.False);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(timeout.IsCancellationRequested, Is.True);
        timeout.Return();
    }

    [Test]
    public void Start_InfiniteDelay_NeverFires()
    {
        var timeout = AttemptTimeout.Start(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
        Assert.That(timeout.IsCancellationRequested, Is.False);
        timeout.Return();
    }
}
