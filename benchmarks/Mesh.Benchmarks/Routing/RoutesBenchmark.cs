using System.Diagnostics;
using System.Globalization;
using Mesh.Configuration;
using Mesh.Routing;

namespace Mesh.Benchmarks.Routing;

/// <summary>
/// What one match costs in tables of ten to ten thousand rules: the same ten requests in each, spread over the table, so that
/// the table is compared and not the cache of the processor. Counted in CPU time.
/// </summary>
internal static class RoutesBenchmark
{
    private const int Requests = 10;
    private const int Matches = 1_000_000;
    private const int Rounds = 9;
    private const double MaxGrowth = 1.5;

    private static readonly int[] Sizes = [10, 100, 1_000, 10_000];

    private static readonly (string Name, Func<int, RouteOptions> Route, Func<int, AskedRequest> Request)[] Tables =
    [
        ("exact", static i => Route(PathMatchType.Exact, $"/api/{Number(i)}/items"), static i => new AskedRequest("shop.example", $"/api/{Number(i)}/items")),
        ("prefix", static i => Route(PathMatchType.PathPrefix, $"/api/{Number(i)}"), static i => new AskedRequest("shop.example", $"/api/{Number(i)}/items/7")),
        ("host", static i => Route(PathMatchType.PathPrefix, "/", $"h{Number(i)}.example"), static i => new AskedRequest($"h{Number(i)}.example", "/items/7")),
        ("wildcard", static i => Route(PathMatchType.PathPrefix, "/", $"*.h{Number(i)}.example"), static i => new AskedRequest($"www.h{Number(i)}.example", "/items/7")),
    ];

    public static int Run(bool check)
    {
        Console.WriteLine($"one match, CPU time (best of {Rounds} rounds of {Matches} matches)");
        var met = true;
        foreach (var (name, route, request) in Tables)
        {
            met &= Measure(name, route, request);
        }

        Console.WriteLine($"  budget: {Sizes[^1]} rules at most {MaxGrowth:0.0} times {Sizes[0]} rules, 0 B: {(met ? "met" : "MISSED")}");
        return met || !check ? 0 : 1;
    }

    private static bool Measure(string name, Func<int, RouteOptions> route, Func<int, AskedRequest> request)
    {
        var tables = Sizes.Select(size => (Table: Compile(size, route), Requests: Enumerable.Range(0, Requests).Select(i => request(i * (size / Requests))).ToArray())).ToArray();
        var nanoseconds = new double[tables.Length];
        Array.Fill(nanoseconds, double.MaxValue);
        var bytes = double.MaxValue;
        foreach (var (table, requests) in tables)
        {
            Match(table, requests);
        }

        // In turns, so that whatever else the machine does meets all sizes alike.
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < tables.Length; i++)
            {
                nanoseconds[i] = Math.Min(nanoseconds[i], CpuNanosecondsPerMatch(tables[i].Table, tables[i].Requests));
            }

            bytes = Math.Min(bytes, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Matches);
        }

        var growth = nanoseconds[^1] / nanoseconds[0];
        var met = growth <= MaxGrowth && bytes < 0.01;
        Console.WriteLine($"  {name,-9} {string.Join("  ", nanoseconds.Select(static (value, i) => $"{Sizes[i],6}: {value,6:0.0} ns"))}  {growth:0.00} ×  {bytes:0.00} B  {(met ? "met" : "MISSED")}");
        return met;
    }

    private static RouteTable Compile(int size, Func<int, RouteOptions> route)
    {
        var errors = new ConfigurationErrors();
        var table = RouteTable.Compile(Enumerable.Range(0, size).Select(i => KeyValuePair.Create($"r{Number(i)}", route(i))), "Routes", errors);
        errors.ThrowIfAny("Routes");
        return table;
    }

    private static void Match(RouteTable table, AskedRequest[] requests)
    {
        for (var i = 0; i < Matches; i++)
        {
            if (table.Match(requests[i % Requests]).Rule is null)
            {
                throw new InvalidOperationException("There is always a rule.");
            }
        }
    }

    private static double CpuNanosecondsPerMatch(RouteTable table, AskedRequest[] requests)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        Match(table, requests);
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalNanoseconds / Matches;
    }

    private static RouteOptions Route(PathMatchType type, string path, params string[] hosts) =>
        new() { Hostnames = [.. hosts], Rules = [new() { Matches = [new() { Path = new() { Type = type, Value = path } }] }] };

    private static string Number(int i) => i.ToString("d5", CultureInfo.InvariantCulture);
}
