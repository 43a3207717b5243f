using System.Globalization;

namespace Mesh.Benchmarks.Overload;

/// <summary>
/// Open-loop load at three times the capacity of a service with 20 ms of work, a fifth of it critical: with the shedder and
/// without. What counts as served came within a second; callers do not wait longer.
/// </summary>
internal static class OverloadBenchmark
{
    private const double GoodputBudget = 0.9;
    private const double LatencyBudget = 5;
    private const double CriticalBudget = 0.99;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(bool check)
    {
        var (capacity, unloaded) = await MeasureCapacityAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"capacity {capacity:0} requests/s, unloaded p99 {unloaded:0.0} ms; then {Length.TotalSeconds:0} s of {3 * capacity:0} requests/s"));
        var with = await RunAsync("with Gradient", 3 * capacity, capacity, shedding: true);
        await RunAsync("without", 3 * capacity, capacity, shedding: false);
        var (goodput, latency, critical) = (with.Goodput / capacity, with.TailMilliseconds / unloaded, with.CriticalServed);
        var met = goodput >= GoodputBudget && latency <= LatencyBudget && critical >= CriticalBudget;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"goodput ÷ capacity {goodput:0.00} (≥ {GoodputBudget}), p99 ÷ unloaded p99 {latency:0.0} (≤ {LatencyBudget}), critical served {critical:0.0000} (≥ {CriticalBudget}): {(met ? "met" : "MISSED")}"));
        return met || !check ? 0 : 1;
    }

    private static async Task<(double Capacity, double UnloadedMilliseconds)> MeasureCapacityAsync()
    {
        await using var service = await SlowService.StartAsync(shedding: false);
        await LoadGenerator.ClosedAsync(service.Address, SlowService.Workers, TimeSpan.FromSeconds(2));
        var busy = await LoadGenerator.ClosedAsync(service.Address, SlowService.Workers, TimeSpan.FromSeconds(4));
        var idle = await LoadGenerator.ClosedAsync(service.Address, 2, TimeSpan.FromSeconds(4));
        return (busy.Goodput, idle.TailMilliseconds);
    }

    private static async Task<LoadResult> RunAsync(string title, double rate, double capacity, bool shedding)
    {
        await using var service = await SlowService.StartAsync(shedding);
        await LoadGenerator.ClosedAsync(service.Address, SlowService.Workers / 2, TimeSpan.FromSeconds(3));
        var result = await LoadGenerator.OpenAsync(service.Address, rate, Length);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {title,-14} goodput {result.Goodput,5:0}/s ({result.Goodput / capacity:0.00} of the capacity), p99 of what was served {result.TailMilliseconds,6:0.0} ms, critical served {result.CriticalServed:0.0000}, sheddable served {result.SheddableServed:0.0000}"));
        return result;
    }
}
