#pragma warning disable
using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Mesh.Benchmarks.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
namespace Mesh.Benchmarks;
internal sealed class AllocProbe : EventListener
{
    public readonly ConcurrentDictionary<string, long> Counts = new();
    public static volatile bool On;
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Verbose, (EventKeywords)1);
    }
    protected override void OnEventWritten(EventWrittenEventArgs e)
    {
        if (!On || e.EventName?.StartsWith("GCAllocationTick") != true) return;
        var i = e.PayloadNames!.IndexOf("TypeName"); var a = e.PayloadNames.IndexOf("AllocationAmount64");
        Counts.AddOrUpdate((string)e.Payload![i]!, Convert.ToInt64(e.Payload[a]), (_, x) => x + Convert.ToInt64(e.Payload[a]));
    }
    public static async Task<int> RunAsync()
    {
        using var token = new BenchmarkToken();
        (string, string)[] settings = [
            ("Server:Authentication:Jwt:0:Issuer", BenchmarkToken.Issuer), ("Server:Authentication:Jwt:0:Audiences:0", BenchmarkToken.Audience), ("Server:Authentication:Jwt:0:Jwks", token.Jwks),
        ("Server:Authorization:people:Rules:0:From:0:RequestPrincipals:0", $"{BenchmarkToken.Issuer}/*"),
        ("Server:Authorization:people:Rules:0:To:0:Paths:0", "/orders/*"),
        ("Server:RateLimits:0:Name", "per-caller"),
        ("Server:RateLimits:0:Limit", "1000000"),
        ("Server:RateLimits:1:Name", "all"),
        ("Server:RateLimits:1:Partition", "Global"),
        ("Server:RateLimits:1:Limit", "1000000"),("Server:RequestTimeout", "00:00:30"),("Server:LoadShedding:Algorithm", "Gradient")];
        await using var app = await BenchmarkApp.StartAsync(static b => b.AddMeshServer(), static a => a.UseMesh(), false, settings);
        await using var empty = await BenchmarkApp.StartAsync(static _ => { }, static a => a.UseRouting());
        foreach (var x in new[] { empty, app })
        {
            for (var i = 0; i < 100000; i++) await x.ServeAsync($"Bearer {token.Text}");
            using var l = new AllocProbe();
            var auth = $"Bearer {token.Text}";
            const int N = 1500000;
            On = true;
            var b = GC.GetTotalAllocatedBytes(true);
            for (var i = 0; i < N; i++) await x.ServeAsync(auth);
            b = GC.GetTotalAllocatedBytes(true) - b;
            On = false;
            var sum = l.Counts.Values.Sum();
            Console.WriteLine($"total {b / N}");
            foreach (var (k, v) in l.Counts.OrderByDescending(p => p.Value)) if (v * (double)b / sum / N > 4) Console.WriteLine($"{v * (double)b / sum / N,8:0.0} {k}");
        }
        return 0;
    }
}
