using System.Diagnostics;

namespace Mesh.Benchmarks.Measuring;

/// <summary>
/// Measures contenders in turns, A B C A B C …, and takes each one's median: the machine's speed drifts, and this way
/// it drifts for all of them alike.
/// </summary>
internal static class InterleavedRounds
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(IReadOnlyList<Contender> contenders, int callsPerRound, int rounds = 25)
    {
        foreach (var contender in contenders)
        {
            // Long enough for tiered compilation to settle.
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < WarmUp)
            {
                await contender.Call();
            }
        }

        var samples = contenders.Select(_ => new List<(double Nanoseconds, double Bytes)>(rounds)).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (index, contender) in contenders.Index())
            {
                samples[index].Add(await RoundAsync(contender.Call, callsPerRound));
            }
        }

        return [.. contenders.Select((contender, index) => new Figure(
            contender.Name,
            Median(samples[index].Select(static sample => sample.Nanoseconds)),
            Median(samples[index].Select(static sample => sample.Bytes))))];
    }

    private static async Task<(double Nanoseconds, double Bytes)> RoundAsync(Func<Task> call, int calls)
    {
        GC.Collect();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
        {
            await call();
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        return (elapsed.TotalNanoseconds / calls, (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / calls);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
