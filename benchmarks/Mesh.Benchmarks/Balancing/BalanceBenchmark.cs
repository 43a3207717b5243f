using System.Diagnostics;
using Mesh.Client.Balancing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.Balancing;

/// <summary>
/// The slow-server test: ten endpoints, one of them two seconds slow for the middle third of the run, a time-out of one
/// second, and calls that come at their time whether earlier ones are answered or not. Without retries and without
/// ejection, so that balancing alone has to cope.
/// </summary>
internal static class BalanceBenchmark
{
    private const int CallsPerSecond = 250;
    private static readonly TimeSpan Third = TimeSpan.FromSeconds(10);
    private static readonly Uri Target = new("http://orders/");

    // Some share of all calls must succeed; round robin is there to show what it would be without.
    private static readonly (string Policy, double? Least)[] Policies =
    [
        (LoadBalancingPolicies.PeakEwma, 0.999),
        (LoadBalancingPolicies.LeastRequest, 0.99),
        (LoadBalancingPolicies.RoundRobin, null),
    ];

    public static async Task<int> RunAsync(bool check)
    {
        Console.WriteLine($"slow-server test: {SlowServer.Endpoints} endpoints of 10 ms, one of them 2 s from {Third.TotalSeconds:0} s to {2 * Third.TotalSeconds:0} s of {3 * Third.TotalSeconds:0} s; time-out 1 s, {CallsPerSecond} calls/s, no retries, no ejection");
        var runs = await Task.WhenAll(Policies.Select(static policy => Task.Run(() => RunAsync(policy.Policy))));
        var met = true;
        foreach (var ((policy, least), (calls, failed, slowest)) in Policies.Zip(runs))
        {
            var success = 1 - ((double)failed / calls);
            var isMet = least is null || success >= least;
            met &= isMet;
            Console.WriteLine($"  {policy,-14} {100 * success,8:0.000} % of {calls} calls   p99.9 {slowest.TotalMilliseconds,5:0} ms   {(least is null ? "for comparison" : $"at least {100 * least:0.0} %: {(isMet ? "met" : "MISSED")}")}");
        }

        return met || !check ? 0 : 1;
    }

    private static async Task<(int Calls, int Failed, TimeSpan Slowest)> RunAsync(string policy)
    {
        var started = Stopwatch.GetTimestamp();
        using var host = Build(policy, () => Stopwatch.GetElapsedTime(started) is var elapsed && elapsed >= Third && elapsed < 2 * Third);
        var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");

        // Compiled and resolved before the clock runs.
        (await client.GetAsync(Target)).Dispose();
        started = Stopwatch.GetTimestamp();
        List<Task<TimeSpan?>> calls = [];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < 3 * Third)
        {
            while (calls.Count < elapsed.TotalSeconds * CallsPerSecond)
            {
                calls.Add(CallAsync(client));
            }

            await timer.WaitForNextTickAsync();
        }

        var latencies = await Task.WhenAll(calls);
        var answered = latencies.OfType<TimeSpan>().Order().ToArray();
        return (latencies.Length, latencies.Length - answered.Length, answered[(int)(answered.Length * 0.999)]);
    }

    /// <summary>How long the answer took; <see langword="null"/> when there was none.</summary>
    private static async Task<TimeSpan?> CallAsync(HttpClient client)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await client.GetAsync(Target);
            return response.IsSuccessStatusCode ? Stopwatch.GetElapsedTime(started) : null;
        }
        catch (TaskCanceledException)
        {
            return null;
        }
    }

    private static IHost Build(string policy, Func<bool> isSlow)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(Enumerable.Range(0, SlowServer.Endpoints).Select(static i => KeyValuePair.Create<string, string?>($"Services:orders:http:{i}", $"10.0.0.1:{i + 1}")));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Client:Services:orders:LoadBalancing:Policy"] = policy,
            ["Mesh:Client:Services:orders:AttemptTimeout"] = "1s",
            ["Mesh:Client:Services:orders:Retry:Attempts"] = "0",
            ["Mesh:Client:Services:orders:Ejection:ConsecutiveFailures"] = "0",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddHttpClient("orders").ConfigurePrimaryHttpMessageHandler(() => new SlowServer(isSlow));
        builder.Services.AddMeshClient();
        return builder.Build();
    }
}
