using System.Diagnostics;
using System.Net;
using Mesh.Benchmarks.Client;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Benchmarks.Discovery;

/// <summary>
/// How long it takes from the moment discovery has news until calls use them, for a service of ten thousand endpoints
/// that is being called meanwhile. No call may fail.
/// </summary>
internal static class DiscoveryBenchmark
{
    private const int Endpoints = 10_000;
    private const int Rounds = 11;
    private const int Callers = 4;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    // The watcher rests after a large change.
    private static readonly TimeSpan BetweenChanges = TimeSpan.FromMilliseconds(600);
    private static readonly Uri Service = new("http://orders");

    public static async Task<int> RunAsync(bool check)
    {
        var met = true;
        foreach (var policy in (string[])[LoadBalancingPolicies.LeastRequest, LoadBalancingPolicies.PeakEwma, LoadBalancingPolicies.RoundRobin, LoadBalancingPolicies.RingHash, LoadBalancingPolicies.Maglev])
        {
            foreach (var weighted in (bool[])[false, true])
            {
                met &= await RunAsync(policy, weighted);
            }
        }

        return met || !check ? 0 : 1;
    }

    private static async Task<bool> RunAsync(string policy, bool weighted)
    {
        var provider = new SwitchedProvider();
        var first = Named(0, weighted);
        provider.Name(first);
        using var host = Build(provider, policy);
        using var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        var target = await host.Services.GetRequiredService<ServiceDirectory>().ResolveAsync("http", "orders");
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(client, stop.Token))).ToArray();

        Console.WriteLine($"{Endpoints} endpoints, {policy}{(weighted ? ", weights" : "")} (from news to use, shortest of {Rounds})");
        var met = await MeasureAsync("one replaced", round => [.. first.AsSpan(1), Create(1_000_000 + round, weighted)]);
        met &= await MeasureAsync("all replaced", round => Named((round + 1) * Endpoints, weighted));
        await stop.CancelAsync();
        var calls = (await Task.WhenAll(callers)).Sum();
        Console.WriteLine($"  {calls} calls meanwhile, none failed");
        return met;

        async Task<bool> MeasureAsync(string change, Func<int, ServiceEndpoint[]> next)
        {
            List<TimeSpan> times = [];
            for (var round = 0; round < Rounds; round++)
            {
                var endpoints = next(round);
                var before = target.Endpoints;
                var started = Stopwatch.GetTimestamp();
                provider.Name(endpoints);
                while (target.Endpoints == before)
                {
                    await Task.Yield();
                }

                times.Add(Stopwatch.GetElapsedTime(started));
                await Task.Delay(BetweenChanges);
            }

            // What the work takes is the shortest time; the others say what else the machine was doing.
            times.Sort();
            Console.WriteLine($"  {change,-14} {times[0].TotalMilliseconds,6:0.0} ms  (median {times[Rounds / 2].TotalMilliseconds:0.0}, longest {times[^1].TotalMilliseconds:0.0}; budget {Budget.TotalMilliseconds:0}): {(times[0] < Budget ? "met" : "MISSED")}");
            return times[0] < Budget;
        }
    }

    private static async Task<int> CallAsync(HttpClient client, CancellationToken stop)
    {
        var calls = 0;
        while (!stop.IsCancellationRequested)
        {
            using var response = await client.GetAsync(Service, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            calls++;
            if (calls % 100 == 0)
            {
                // Load, but not all of the machine.
                await Task.Delay(1, CancellationToken.None);
            }
        }

        return calls;
    }

    private static ServiceEndpoint[] Named(int from, bool weighted) => [.. Enumerable.Range(from, Endpoints).Select(number => Create(number, weighted))];

    private static ServiceEndpoint Create(int number, bool weighted)
    {
        var endpoint = ServiceEndpoint.Create(new IPEndPoint(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 80));
        if (weighted)
        {
            endpoint.Features.Set(new EndpointMetadata { Weight = 1 + (number % 100), Zone = $"zone-{number % 3}" });
        }

        return endpoint;
    }

    private static IHost Build(SwitchedProvider provider, string policy)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("Mesh:Client:Services:orders:LoadBalancing:Policy", policy)]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddHttpClient("orders").ConfigurePrimaryHttpMessageHandler(static () => new StubHandler(completesLater: true));
        builder.Services.AddMeshClient();
        builder.Services.AddSingleton<IServiceEndpointProviderFactory>(provider);
        return builder.Build();
    }
}
