using System.Diagnostics;
using Mesh.Client.Balancing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Identity;
using Mesh.Outcomes;

namespace Mesh.Benchmarks.Balancing;

/// <summary>
/// What one pick among a thousand endpoints costs, by one thread and by sixteen. Counted in CPU time, so that it is the
/// same on a machine that has other things to do.
/// </summary>
internal static class PickBenchmark
{
    private const int EndpointCount = 1000;
    private const int Threads = 16;
    private const int Picks = 4_000_000;
    private const int Rounds = 9;
    private const double MaxNanoseconds = 100;
    private const double MaxContention = 2;

    private static readonly string[] Policies =
    [
        LoadBalancingPolicies.LeastRequest,
        LoadBalancingPolicies.PeakEwma,
        LoadBalancingPolicies.RoundRobin,
        LoadBalancingPolicies.Random,
        LoadBalancingPolicies.RingHash,
        LoadBalancingPolicies.Maglev,
    ];

    public static int Run(bool check)
    {
        Console.WriteLine($"one pick among {EndpointCount} endpoints, CPU time (medians of {Rounds} rounds of {Picks} picks)");
        var met = true;
        foreach (var policy in Policies)
        {
            foreach (var weighted in (bool[])[false, true])
            {
                met &= Measure(policy, weighted);
            }
        }

        Console.WriteLine($"  budget: {MaxNanoseconds:0} ns and 0 B by one thread, {MaxContention:0.0} times that by {Threads} threads: {(met ? "met" : "MISSED")}");
        return met || !check ? 0 : 1;
    }

    private static bool Measure(string policy, bool weighted)
    {
        var set = Create(policy, weighted);
        Pick(set, Picks);
        var alone = new double[Rounds];
        var together = new double[Rounds];
        var bytes = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            alone[round] = CpuNanosecondsPerPick(() => Pick(set, Picks));
            bytes = Math.Min(bytes, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Picks);
            together[round] = CpuNanosecondsPerPick(() => PickByThreads(set));
        }

        var one = Median(alone);
        var many = Median(together);
        var met = one <= MaxNanoseconds && bytes < 0.01 && many <= MaxContention * one;
        Console.WriteLine($"  {policy,-14} {(weighted ? "weights" : "       ")} {one,7:0.0} ns  {bytes,4:0.00} B   {Threads} threads {many,7:0.0} ns ({many / one:0.00} ×)  {(met ? "met" : "MISSED")}");
        return met;
    }

    private static EndpointSet Create(string policy, bool weighted)
    {
        var random = new Random(1);
        var time = TimeProvider.System;
        Endpoint[] endpoints = [.. Enumerable.Range(0, EndpointCount).Select(i => new Endpoint(
            new EndpointAddress("10.0.0.1", i + 1), "http", static _ => throw new InvalidOperationException("No connections here."), time)
        {
            Metadata = new EndpointMetadata { Weight = weighted ? random.Next(1, 6) : 1 },
        })];
        foreach (var endpoint in endpoints)
        {
            endpoint.Begin();
            endpoint.End(CallOutcome.Success, TimeSpan.FromMilliseconds(1 + random.NextDouble()), time.GetTimestamp());
        }

        var ledger = new EjectionLedger(time, new Random(1));
        ledger.Reset(endpoints, EjectionPolicy.Compile(new EjectionOptions(), new EjectionOptions()));
        var context = new BalancingContext(new MeshServiceOptions(), time, Random.Shared, new PolicyCatalog([]));
        return new EndpointSet(endpoints, "http", ledger, BalancingPolicy.Compile(new LoadBalancingOptions { Policy = policy }, new LoadBalancingOptions(), context));
    }

    private static void PickByThreads(EndpointSet set)
    {
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() => Pick(set, Picks / Threads)))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
    }

    private static void Pick(EndpointSet set, int picks)
    {
        // A call has read the clock already; here it is read seldom enough not to count.
        var now = 0L;
        for (var i = 0; i < picks; i++)
        {
            if (i % 64 == 0)
            {
                now = Stopwatch.GetTimestamp();
            }

            if (set.Pick(Random.Shared, [], now, now, hash: (ulong)i * 0x9E3779B97F4A7C15).Endpoint is null)
            {
                throw new InvalidOperationException("There is always an endpoint.");
            }
        }
    }

    private static double CpuNanosecondsPerPick(Action picks)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        picks();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalNanoseconds / Picks;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
