using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mesh.Benchmarks.Overload;

/// <summary>Callers that wait for each other (closed), or come when they come (open).</summary>
internal static class LoadGenerator
{
    private const int CriticalOneIn = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static async Task<LoadResult> ClosedAsync(Uri service, int callers, TimeSpan length)
    {
        using var client = Create(service);
        var samples = new ConcurrentBag<Sample>();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                samples.Add(await CallAsync(client, isCritical: true));
            }
        }));
        return Summarize(samples, Stopwatch.GetElapsedTime(started));
    }

    public static async Task<LoadResult> OpenAsync(Uri service, double rate, TimeSpan length)
    {
        using var client = Create(service);
        List<Task<Sample>> calls = [];
        var started = Stopwatch.GetTimestamp();
        for (var elapsed = TimeSpan.Zero; elapsed < length; elapsed = Stopwatch.GetElapsedTime(started))
        {
            while (calls.Count < elapsed.TotalSeconds * rate)
            {
                var isCritical = calls.Count % CriticalOneIn == 0;
                calls.Add(Task.Run(() => CallAsync(client, isCritical)));
            }

            await Task.Delay(1);
        }

        return Summarize(await Task.WhenAll(calls), length);
    }

    private static HttpClient Create(Uri service) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = service, Timeout = Timeout.InfiniteTimeSpan };

    private static async Task<Sample> CallAsync(HttpClient client, bool isCritical)
    {
        using var patience = new CancellationTokenSource(Patience);
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await client.GetAsync(new Uri(isCritical ? "critical" : "sheddable", UriKind.Relative), patience.Token);
            return new Sample(Stopwatch.GetElapsedTime(started), isCritical, response.IsSuccessStatusCode);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
        {
            return new Sample(Stopwatch.GetElapsedTime(started), isCritical, IsServed: false);
        }
    }

    private static LoadResult Summarize(IReadOnlyCollection<Sample> samples, TimeSpan length)
    {
        var served = samples.Where(static sample => sample.IsServed).Select(static sample => sample.Latency.TotalMilliseconds).Order().ToArray();
        return new LoadResult(
            served.Length / length.TotalSeconds,
            served.Length == 0 ? double.PositiveInfinity : served[(int)(served.Length * 0.99)],
            Share(samples.Where(static sample => sample.IsCritical)),
            Share(samples.Where(static sample => !sample.IsCritical)));
    }

    private static double Share(IEnumerable<Sample> samples) => samples.Select(static sample => sample.IsServed ? 1.0 : 0.0).DefaultIfEmpty(0).Average();

    private sealed record Sample(TimeSpan Latency, bool IsCritical, bool IsServed);
}
