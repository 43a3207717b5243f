using Mesh.Client.CircuitBreaking;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.CircuitBreaking;

public sealed class CircuitBreakerTests
{
    private static readonly CircuitBreakerPolicy Policy = CircuitBreakerPolicy.Compile(new CircuitBreakerOptions { Enabled = true }, new CircuitBreakerOptions())!;

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Record_HalfFailed_OpensFromTheMinimumOn()
    {
        var breaker = Create(Policy);
        Record(breaker, CallOutcome.Success, 4);
        Record(breaker, CallOutcome.Failure, 5);
        Assert.That(breaker.State, Is.EqualTo(CircuitState.Closed), "nine attempts say too little");

        Record(breaker, CallOutcome.NotSent, 1);

        Assert.That(breaker.State, Is.EqualTo(CircuitState.Open));
        Assert.That(breaker.TryEnter(Now, out _), Is.False);
    }

    [TestCase(CallOutcome.Success)]
    [TestCase(CallOutcome.Overload)]
    public void Record_LessThanTheRatio_StaysClosed(CallOutcome answered)
    {
        var breaker = Create(Policy);
        for (var i = 0; i < 100; i++)
        {
            Record(breaker, answered, 2);
            Record(breaker, CallOutcome.Failure, 1);
        }

        Assert.That(breaker.State, Is.EqualTo(CircuitState.Closed));
    }

    [Test]
    public void Record_Cancelled_CountsForNothing()
    {
        var breaker = Create(Policy);
        Record(breaker, CallOutcome.CancelledByCaller, 100);
        Record(breaker, CallOutcome.Failure, 9);
        Assert.That(breaker.State, Is.EqualTo(CircuitState.Closed));
    }

    [Test]
    public void Record_FailuresOfLongAgo_AreForgotten()
    {
        var breaker = Create(Policy);
        Record(breaker, CallOutcome.Failure, 9);
        _time.Advance(Policy.Window);
        Record(breaker, CallOutcome.Failure, 9);
        Assert.That(breaker.State, Is.EqualTo(CircuitState.Closed));
    }

    [Test]
    public void TryEnter_TimeIsUp_LetsOneThroughAndClosesOnItsSuccess()
    {
        var breaker = Opened(Policy);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(breaker.TryEnter(Now, out _), Is.False);
        _time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.That(breaker.TryEnter(Now, out var isTrial) && isTrial, Is.True);
        Assert.That(breaker.State, Is.EqualTo(CircuitState.HalfOpen));
        Assert.That(breaker.TryEnter(Now, out _), Is.False, "one at a time");
        Assert.That(breaker.Record(CallOutcome.Success, isTrial: false, Now), Is.Null, "what began before says nothing");
        Assert.That(breaker.Record(CallOutcome.Success, isTrial: true, Now), Is.EqualTo(CircuitState.Closed));

        Assert.That(breaker.TryEnter(Now, out isTrial) && !isTrial, Is.True);
        Record(breaker, CallOutcome.Failure, 9);
        Assert.That(breaker.State, Is.EqualTo(CircuitState.Closed), "what was counted before has been forgotten");
    }

    [Test]
    public void Record_FailedTrials_DoubleTheBreakUpToTheLongest()
    {
        var breaker = Opened(Policy);
        List<double> breaks = [];
        for (var i = 0; i < 6; i++)
        {
            breaks.Add(_time.GetElapsedTime(Now, breaker.Until).TotalSeconds);
            _time.Advance(TimeSpan.FromSeconds(breaks[^1] + 0.001));
            Assert.That(breaker.TryEnter(Now, out var isTrial) && isTrial, Is.True);
            Assert.That(breaker.Record(CallOutcome.Failure, isTrial: true, Now), Is.EqualTo(CircuitState.Open));
        }

        double[] expected = [10, 20, 40, 80, 120, 120];
        foreach (var (index, seconds) in breaks.Index())
        {
            Assert.That(seconds, Is.InRange(expected[index], expected[index] * 1.1));
        }
    }

    [Test]
    public void Record_OpensSoonAfterClosing_BreaksLonger()
    {
        var breaker = Opened(Policy);
        Close(breaker);
        Record(breaker, CallOutcome.Failure, 10);
        Assert.That(breaker.Openings, Is.EqualTo(2));

        Close(breaker);
        _time.Advance(Policy.Window + TimeSpan.FromSeconds(1));
        Record(breaker, CallOutcome.Failure, 10);
        Assert.That(breaker.Openings, Is.EqualTo(1), "it held for a whole window");
    }

    [Test]
    public void TryEnter_SeveralTrials_AllMustSucceed()
    {
        var breaker = Opened(Policy with { Trials = 3 });
        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.That(Enumerable.Range(0, 5).Select(_ => breaker.TryEnter(Now, out var isTrial) && isTrial), Is.EqualTo([true, true, true, false, false]));

        breaker.Record(CallOutcome.Success, isTrial: true, Now);
        breaker.Record(CallOutcome.CancelledByCaller, isTrial: true, Now);
        Assert.That(breaker.TryEnter(Now, out var again) && again, Is.True, "in place of the one that was cancelled");
        breaker.Record(CallOutcome.Success, isTrial: true, Now);
        Assert.That(breaker.State, Is.EqualTo(CircuitState.HalfOpen));
        Assert.That(breaker.Record(CallOutcome.Success, isTrial: true, Now), Is.EqualTo(CircuitState.Closed));
    }

    [Test]
    public void TryEnter_TrialNeverTellsHowItEnded_AnotherFollows()
    {
        var breaker = Opened(Policy);
        _time.Advance(TimeSpan.FromSeconds(12));
        breaker.TryEnter(Now, out _);
        Assert.That(breaker.TryEnter(Now, out _), Is.False);
        _time.Advance(Policy.BreakDuration);
        Assert.That(breaker.TryEnter(Now, out var isTrial) && isTrial, Is.True);
    }

    [Test]
    public void TryEnter_FromManyThreads_OneIsTheTrial()
    {
        for (var round = 0; round < 50; round++)
        {
            var breaker = Opened(Policy);
            _time.Advance(TimeSpan.FromSeconds(12));
            var trials = 0;
            Parallel.For(0, 64, _ =>
            {
                if (breaker.TryEnter(Now, out var isTrial))
                {
                    Assert.That(isTrial, Is.True);
                    Interlocked.Increment(ref trials);
                }
            });

            Assert.That(trials, Is.EqualTo(1));
        }
    }

    [Test]
    public void Use_OtherPolicy_KeepsTheState()
    {
        var breaker = Opened(Policy);
        breaker.Use(Policy with { Window = TimeSpan.FromMinutes(1), FailureRatio = 0.9 });
        Assert.That(breaker.State, Is.EqualTo(CircuitState.Open));
    }

    [Test]
    public void TryEnterAndRecord_ClosedAndOpen_AllocateNothing()
    {
        var breaker = Create(Policy with { FailureRatio = 1 });
        Pass(breaker, 10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Pass(breaker, 1_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Pass(CircuitBreaker passed, int times)
        {
            for (var i = 0; i < times; i++)
            {
                passed.TryEnter(i, out var isTrial);
                passed.Record(i % 2 == 0 ? CallOutcome.Success : CallOutcome.Failure, isTrial, i);
            }
        }
    }

    private long Now => _time.GetTimestamp();

    private CircuitBreaker Create(CircuitBreakerPolicy policy) => new(policy, _time, new Random(1));

    private CircuitBreaker Opened(CircuitBreakerPolicy policy)
    {
        var breaker = Create(policy);
        Record(breaker, CallOutcome.Failure, 10);
        Assert.That(breaker.State, Is.EqualTo(CircuitState.Open));
        return breaker;
    }

    private void Close(CircuitBreaker breaker)
    {
        _time.Advance(_time.GetElapsedTime(Now, breaker.Until) + TimeSpan.FromMilliseconds(1));
        breaker.TryEnter(Now, out var isTrial);
        Assert.That(breaker.Record(CallOutcome.Success, isTrial, Now), Is.EqualTo(CircuitState.Closed));
    }

    private void Record(CircuitBreaker breaker, CallOutcome outcome, int times)
    {
        for (var i = 0; i < times; i++)
        {
            breaker.Record(outcome, isTrial: false, Now);
        }
    }
}
