using CsCheck;
using Mesh.Server.LoadShedding;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.LoadShedding;

internal sealed class ConcurrencyLimiterTests
{
    private static readonly TimeSpan Forever = Timeout.InfiniteTimeSpan;

    private readonly FakeTimeProvider _time = new();
    private readonly Signals _signals = new();

    [Test]
    public async Task Enter_BelowTheLimit_IsAdmittedAtOnce()
    {
        using var limiter = Create(limit: 2, queue: 0);

        Assert.That((await Enter(limiter), await Enter(limiter), await Enter(limiter)), Is.EqualTo((true, true, false)));
        limiter.Exit(null, dropped: false);
        Assert.That(await Enter(limiter), Is.True);
        Assert.That(limiter.InFlight, Is.EqualTo(2));
    }

    [Test]
    public async Task Exit_SomebodyWaits_TheMostCriticalIsNext()
    {
        using var limiter = Create(limit: 1, queue: 10);
        await Enter(limiter);
        var sheddable = Enter(limiter, Criticality.Sheddable);
        var critical = Enter(limiter, Criticality.Critical);
        var plus = Enter(limiter, Criticality.CriticalPlus);
        Assert.That(limiter.Waiting, Is.EqualTo(3));

        limiter.Exit(null, dropped: false);
        Assert.That((await plus, critical.IsCompleted), Is.EqualTo((true, false)));
        limiter.Exit(null, dropped: false);
        Assert.That((await critical, sheddable.IsCompleted), Is.EqualTo((true, false)));
        limiter.Exit(null, dropped: false);
        Assert.That(await sheddable, Is.True);
    }

    [Test]
    public async Task Enter_LineIsFull_TheLeastCriticalLosesItsPlace()
    {
        using var limiter = Create(limit: 1, queue: 2);
        await Enter(limiter);
        var batch = Enter(limiter, Criticality.SheddablePlus);
        var prefetch = Enter(limiter, Criticality.Sheddable);

        var user = Enter(limiter);
        Assert.That((await prefetch, batch.IsCompleted, user.IsCompleted), Is.EqualTo((false, false, false)));
        Assert.That(await Enter(limiter, Criticality.Sheddable), Is.False, "nobody is less critical");
    }

    [Test]
    public async Task Wait_LongerThanTheQueueTime_IsRefused()
    {
        using var limiter = Create(limit: 1, queue: 10);
        await Enter(limiter);
        var waiting = Enter(limiter);

        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.That(waiting.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(20));

        Assert.That((await waiting, limiter.Waiting), Is.EqualTo((false, 0)));
    }

    [Test]
    public async Task Wait_LineNeverEmpty_IsShortAndNewestFirst()
    {
        using var limiter = Create(limit: 1, queue: 10);
        await Enter(limiter);
        var first = Enter(limiter);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        var second = Enter(limiter);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.That(await first, Is.False);

        // The line has not been empty for 120 ms.
        var third = Enter(limiter);
        limiter.Exit(null, dropped: false);
        Assert.That((await third, second.IsCompleted), Is.EqualTo((true, false)), "the newest");
        var fourth = Enter(limiter);
        _time.Advance(TimeSpan.FromMilliseconds(15));
        Assert.That((await fourth, second.IsCompleted), Is.EqualTo((false, false)), "5 ms");
    }

    [Test]
    public async Task Wait_DeadlineCannotBeMet_IsNotBegun()
    {
        using var limiter = Create(limit: 1, queue: 10);
        await Enter(limiter);
        _time.Advance(TimeSpan.FromMilliseconds(150));
        limiter.Exit(TimeSpan.FromMilliseconds(50), dropped: false);
        await Enter(limiter);

        Assert.That(await limiter.EnterAsync(Criticality.Critical, TimeSpan.FromMilliseconds(40), default), Is.False, "the work takes 50 ms");
        var inTime = limiter.EnterAsync(Criticality.Critical, TimeSpan.FromMilliseconds(70), default).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(15));
        Assert.That(inTime.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(15));
        Assert.That(await inTime, Is.False, "20 ms were left to wait");
    }

    [Test]
    public async Task Wait_CallerLeaves_GivesItsPlaceUp()
    {
        using var limiter = Create(limit: 1, queue: 10);
        await Enter(limiter);
        using var caller = new CancellationTokenSource();
        var waiting = limiter.EnterAsync(Criticality.Critical, Forever, caller.Token).AsTask();

        await caller.CancelAsync();

        Assert.That((await waiting, limiter.Waiting), Is.EqualTo((false, 0)));
        limiter.Exit(null, dropped: false);
        Assert.That(limiter.InFlight, Is.Zero);
    }

    [Test]
    public async Task Update_LimitRaised_LetsThoseWhoWaitIn()
    {
        using var limiter = Create(limit: 1, queue: 10);
        await Enter(limiter);
        var waiting = Enter(limiter);

        limiter.Update(Options(limit: 2, queue: 10));

        Assert.That((await waiting, limiter.InFlight), Is.EqualTo((true, 2)), "what is in flight stays counted");
    }

    [Test]
    public async Task Look_ProcessIsStrained_LimitFallsByATenth()
    {
        var options = Options(limit: 100, queue: 0);
        options.Algorithm = SheddingAlgorithm.Aimd;
        using var limiter = new ConcurrencyLimiter(options, _time, new Random(1), _signals);
        _signals.Strained = true;
        await Enter(limiter);
        _time.Advance(TimeSpan.FromMilliseconds(150));

        limiter.Exit(TimeSpan.FromMilliseconds(1), dropped: false);

        Assert.That(limiter.Limit, Is.EqualTo(90));
    }

    [Test]
    public void Random_EntersAndExits_NeverExceedTheLimitAndLoseNobody() => Gen
        .Select(Gen.Int[1, 5], Gen.Int[0, 5], Gen.Select(Gen.Int[0, 9], Gen.Int[-2, 1]).Array[1, 80])
        .Sample((limit, queue, steps) =>
        {
            var time = new FakeTimeProvider();
            using var limiter = new ConcurrencyLimiter(Options(limit, queue), time, new Random(1), _signals);
            List<Task<bool>> waiting = [];
            var inFlight = 0;
            foreach (var (action, level) in steps)
            {
                switch (action)
                {
                    case < 5:
                        waiting.Add(limiter.EnterAsync((Criticality)level, Forever, default).AsTask());
                        break;
                    case < 8 when inFlight > 0:
                        limiter.Exit(null, dropped: false);
                        inFlight--;
                        break;
                    default:
                        time.Advance(TimeSpan.FromMilliseconds(action * 5));
                        break;
                }

                // Whoever is let in hears of it on another thread.
                SpinWait.SpinUntil(() => waiting.Count(static task => !task.IsCompleted) == limiter.Waiting, TimeSpan.FromSeconds(10));
                inFlight += waiting.RemoveAll(static task => task is { IsCompletedSuccessfully: true, Result: true });
                waiting.RemoveAll(static task => task is { IsCompletedSuccessfully: true, Result: false });
                if (inFlight > limit || limiter.InFlight != inFlight || waiting.Count > queue || limiter.Waiting != waiting.Count || (waiting.Count > 0 && inFlight < limit))
                {
                    return false;
                }
            }

            time.Advance(TimeSpan.FromSeconds(1));
            return SpinWait.SpinUntil(() => waiting.TrueForAll(static task => task.IsCompleted), TimeSpan.FromSeconds(10));
        });

    [Test]
    public async Task Threads_EnterAndExit_NeverExceedTheLimitByMoreThanThemselves()
    {
        using var limiter = new ConcurrencyLimiter(Options(limit: 4, queue: 100), TimeProvider.System, new Random(1), _signals);
        var (inside, most, served) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                if (!await limiter.EnterAsync(Criticality.Critical, Forever, default))
                {
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                most = Math.Max(most, now);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                Interlocked.Increment(ref served);
                limiter.Exit(TimeSpan.FromMilliseconds(1), dropped: false);
            }
        })));

        Assert.That((limiter.InFlight, limiter.Waiting), Is.EqualTo((0, 0)));
        Assert.That(most, Is.LessThanOrEqualTo(4));
        Assert.That(served, Is.GreaterThan(1000));
    }

    private ConcurrencyLimiter Create(int limit, int queue) => new(Options(limit, queue), _time, new Random(1), _signals);

    private static LoadSheddingOptions Options(int limit, int queue) =>
        new() { Algorithm = SheddingAlgorithm.Fixed, InitialLimit = limit, MinLimit = 1, QueueLength = queue, QueueTime = TimeSpan.FromMilliseconds(100) };

    private static Task<bool> Enter(ConcurrencyLimiter limiter, Criticality criticality = Criticality.Critical) =>
        limiter.EnterAsync(criticality, Forever, default).AsTask();

    private sealed class Signals : IRuntimeSignals
    {
        public bool Strained { get; set; }

        public bool IsStrained(LoadSheddingOptions options) => Strained;
    }
}
