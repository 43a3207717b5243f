using CsCheck;
using Mesh.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

public sealed class RateLimiterPropertyTests
{
    private static readonly Gen<RateLimitOptions> Options = Gen.Select(Gen.Int[1, 1000], Gen.Int[1, 20], Gen.Int[1, 60_000], static (limit, burst, milliseconds) =>
        new RateLimitOptions { Name = "test", Limit = limit, Burst = burst, Window = TimeSpan.FromMilliseconds(milliseconds) });

    // Pauses in units of a tenth of the pace: bursts, a steady load around the limit, and times of rest.
    private static readonly Gen<int[]> Pauses = Gen.Frequency((5, Gen.Const(0)), (5, Gen.Int[0, 20]), (1, Gen.Int[0, 500])).Array[1, 60];

    [Test]
    public void TryAcquire_AtRandomTimes_NeverExceedsBurstAndPaceInAnyInterval() => Gen.Select(Options, Pauses).Sample(
        static (options, pauses) =>
        {
            var time = new FakeTimeProvider();
            using var table = new RateLimiterTable(options, time);
            List<long> allowed = [];
            foreach (var pause in pauses)
            {
                time.Advance(options.Window / options.Limit / 10 * pause);
                if (table.TryAcquire("a").Allowed)
                {
                    allowed.Add(time.GetUtcNow().Ticks);
                }
            }

            return KeepsWithin(options, allowed);
        },
        iter: 20_000);

    [Test]
    public void TryAcquire_AtRandomTimes_EqualsATokenBucket() => Gen.Select(Options, Pauses).Sample(
        static (options, pauses) =>
        {
            var time = new FakeTimeProvider();
            using var table = new RateLimiterTable(options, time);
            var bucket = new NaiveTokenBucket(options);
            foreach (var pause in pauses)
            {
                var elapsed = options.Window / options.Limit / 10 * pause;
                time.Advance(elapsed);
                bucket.Refill(elapsed);
                var before = bucket.Tokens;
                var result = table.TryAcquire("a");
                if (result.Allowed != bucket.TryTake() || (result.Allowed ? result.Remaining != before - 1 : before != 0))
                {
                    return false;
                }
            }

            return true;
        },
        iter: 20_000);

    // Each step: a pause, and then take a token, take one to give it back later, or give one back.
    [Test]
    public void Return_AtRandomTimes_NeverLetsTheOthersExceedTheLimit() => Gen.Select(Options, Gen.Select(Gen.Int[0, 30], Gen.Int[0, 2]).Array[1, 60]).Sample(
        static (options, steps) =>
        {
            var time = new FakeTimeProvider();
            using var table = new RateLimiterTable(options, time);
            List<long> kept = [];
            Queue<(RateLimitReservation Reservation, long At)> undecided = [];
            foreach (var (pause, step) in steps)
            {
                time.Advance(options.Window / options.Limit / 10 * Math.Max(0, pause - 15));
                if (step == 2 && undecided.TryDequeue(out var returned))
                {
                    returned.Reservation.Return();
                }
                else if (table.TryAcquire("a", 1, out var reservation).Allowed && step == 1)
                {
                    undecided.Enqueue((reservation, time.GetUtcNow().Ticks));
                }
                else if (step == 0 && reservation.Table is not null)
                {
                    kept.Add(time.GetUtcNow().Ticks);
                }
            }

            return KeepsWithin(options, kept);
        },
        iter: 20_000);

    private static bool KeepsWithin(RateLimitOptions options, List<long> allowed)
    {
        for (var first = 0; first < allowed.Count; first++)
        {
            for (var last = first; last < allowed.Count; last++)
            {
                // count <= burst + t * limit / window, in whole numbers.
                Int128 count = last - first + 1;
                if (count * options.Window.Ticks > ((Int128)options.Burst!.Value * options.Window.Ticks) + ((Int128)(allowed[last] - allowed[first]) * options.Limit))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
