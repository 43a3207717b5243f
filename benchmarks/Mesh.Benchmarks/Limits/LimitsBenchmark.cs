using System.Diagnostics;
using System.Threading.RateLimiting;
using Mesh.Benchmarks.Measuring;
using Mesh.Limits;

namespace Mesh.Benchmarks.Limits;

/// <summary>A rate limit with a million live keys, beside the framework's <see cref="PartitionedRateLimiter"/>: time, memory, and what it does while nobody asks.</summary>
internal static class LimitsBenchmark
{
    private const int Keys = 1_000_000;
    private const int Limit = 100;
    private const int Acquisitions = 1_000;
    private const int CallsPerRound = 100;

    // A sweep comes every 30 seconds, and one should be among what is measured.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(35);

    private const double TimeBudget = 1.0 / 2;
    private const double BytesBudget = 64;
    private const double IdleBudget = 0.02;

    /// <returns>0, or 1 when a budget is missed that was to be checked.</returns>
    public static async Task<int> RunAsync(bool check) => await MeasureAsync() || !check ? 0 : 1;

    /// <returns>Whether all budgets are met.</returns>
    public static async Task<bool> MeasureAsync()
    {
        string[] keys = [.. Enumerable.Range(0, Keys).Select(static i => $"https://login.example/{i:x12}")];

        // In another order than they came: what was made one after the other lies one behind the other, and is fetched ahead.
        string[] shuffled = [.. keys];
        new Random(1).Shuffle(shuffled);

        // Either forgets a key that has back all it took: here after a quarter of an hour, so every key is live while this measures.
        using var table = new RateLimiterTable(new RateLimitOptions { Name = "per-caller", Limit = Limit, Window = TimeSpan.FromDays(1) }, TimeProvider.System);
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        Fill(keys, key => table.TryAcquire(key).Allowed);
        var ours = (GC.GetTotalMemory(forceFullCollection: true) - heap) / (double)Keys;
        var idle = await IdleAsync();

        var options = new TokenBucketRateLimiterOptions { TokenLimit = Limit, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromDays(1) / Limit };
        await using var framework = PartitionedRateLimiter.Create<string, string>(key => System.Threading.RateLimiting.RateLimitPartition.GetTokenBucketLimiter(key, _ => options));
        heap = GC.GetTotalMemory(forceFullCollection: true);
        Fill(keys, key => Acquire(framework, key));
        var theirs = (GC.GetTotalMemory(forceFullCollection: true) - heap) / (double)Keys;

        var figures = await InterleavedRounds.MeasureAsync(
            [
                new("PartitionedRateLimiter", Visitor(shuffled, key => Acquire(framework, key))),
                new("mesh", Visitor(shuffled, key => table.TryAcquire(key).Allowed)),
            ],
            CallsPerRound);
        Console.WriteLine($"A rate limit with {table.Count} live keys, asked for random ones (medians of interleaved rounds)");
        Report(figures[0], theirs);
        Report(figures[1], ours);

        // The process itself allocates a little in a round; an acquisition that allocates would show as at least 24 bytes.
        var share = figures[1].Nanoseconds / figures[0].Nanoseconds;
        return Meets("time, mesh ÷ framework", share, TimeBudget, "0.00")
            & Meets("bytes a key", ours, BytesBudget, "0.0")
            & Meets("bytes an acquisition", figures[1].Bytes / Acquisitions, 1, "0.0")
            & Meets("share of one core while idle", idle, IdleBudget, "0.0000");
    }

    private static bool Acquire(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired;
    }

    private static void Fill(string[] keys, Func<string, bool> acquire)
    {
        foreach (var key in keys)
        {
            acquire(key);
        }
    }

    // Random keys of a million are in no cache, and each is asked for once before any is asked for twice.
    private static Func<Task> Visitor(string[] keys, Func<string, bool> acquire)
    {
        var next = 0;
        return () =>
        {
            for (var i = 0; i < Acquisitions; i++)
            {
                if (!acquire(keys[next]))
                {
                    throw new InvalidOperationException("The limit is too small to be measured.");
                }

                next = next + 1 < keys.Length ? next + 1 : 0;
            }

            return Task.CompletedTask;
        };
    }

    private static async Task<double> IdleAsync()
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(Idle);
        process.Refresh();
        return (process.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(started);
    }

    private static void Report(Figure figure, double bytesAKey) => Console.WriteLine(
        $"  {figure.Name,-24} {figure.Nanoseconds / Acquisitions,6:0} ns  {figure.Bytes / Acquisitions,5:0.0} B an acquisition  {bytesAKey,6:0.0} B a key");

    private static bool Meets(string what, double value, double budget, string format)
    {
        var met = value <= budget;
        Console.WriteLine($"  {what}: {value.ToString(format)} (budget {budget.ToString(format)}): {(met ? "met" : "MISSED")}");
        return met;
    }
}
