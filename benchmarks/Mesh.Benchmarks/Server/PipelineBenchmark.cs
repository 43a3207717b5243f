using Mesh.Benchmarks.Measuring;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Benchmarks.Server;

/// <summary>What the whole of <c>UseMesh()</c> adds to an empty endpoint on a warm connection: token, authorization, two limits, deadline and shedding.</summary>
internal static class PipelineBenchmark
{
    private const int CallsPerRound = 5_000;
    private const double NanosecondsBudget = 3_000;
    private const double BytesBudget = 600;

    private static readonly (string Key, string Value)[] Document =
    [
        ("Server:Authorization:people:Rules:0:From:0:RequestPrincipals:0", $"{BenchmarkToken.Issuer}/*"),
        ("Server:Authorization:people:Rules:0:To:0:Paths:0", "/orders/*"),
    ];

    // A million per second is the most a limit may allow: nothing here is refused.
    private static readonly (string Key, string Value)[] Limits =
    [
        ("Server:RateLimits:0:Name", "per-caller"),
        ("Server:RateLimits:0:Limit", "1000000"),
        ("Server:RateLimits:1:Name", "all"),
        ("Server:RateLimits:1:Partition", "Global"),
        ("Server:RateLimits:1:Limit", "1000000"),
    ];

    private static readonly (string Key, string Value)[] Deadline = [("Server:RequestTimeout", "00:00:30")];
    private static readonly (string Key, string Value)[] Shedding = [("Server:LoadShedding:Algorithm", "Gradient")];

    /// <returns>Whether the budget is met.</returns>
    public static async Task<bool> RunAsync()
    {
        using var token = new BenchmarkToken();
        var authorization = $"Bearer {token.Text}";
        (string Key, string Value)[] tokens =
        [
            ("Server:Authentication:Jwt:0:Issuer", BenchmarkToken.Issuer),
            ("Server:Authentication:Jwt:0:Audiences:0", BenchmarkToken.Audience),
            ("Server:Authentication:Jwt:0:Jwks", token.Jwks),
        ];
        await using var empty = await BenchmarkApp.StartAsync(static _ => { }, static app => app.UseRouting());
        await using var context = await StartAsync([]);
        await using var admitted = await StartAsync([.. tokens, .. Document]);
        await using var limited = await StartAsync(Limits);
        await using var timed = await StartAsync(Deadline);
        await using var shed = await StartAsync(Shedding);
        await using var whole = await StartAsync([.. tokens, .. Document, .. Limits, .. Deadline, .. Shedding]);
        var figures = await InterleavedRounds.MeasureAsync(
            [
                new("empty endpoint", () => empty.ServeAsync(authorization)),
                new("UseMesh", () => context.ServeAsync(authorization)),
                new("UseMesh: token, document", () => admitted.ServeAsync(authorization)),
                new("UseMesh: two limits", () => limited.ServeAsync(authorization)),
                new("UseMesh: deadline", () => timed.ServeAsync(authorization)),
                new("UseMesh: shedding", () => shed.ServeAsync(authorization)),
                new("UseMesh: all of it", () => whole.ServeAsync(authorization)),
            ],
            CallsPerRound);
        Console.WriteLine($"UseMesh() on a warm connection (medians of interleaved rounds, {CallsPerRound} calls each)");
        foreach (var figure in figures)
        {
            Console.WriteLine($"  {figure.Name,-38} {figure.Nanoseconds,8:0} ns  {figure.Bytes,6:0} B   added {figure.Nanoseconds - figures[0].Nanoseconds,7:0} ns  {figure.Bytes - figures[0].Bytes,6:0} B");
        }

        var nanoseconds = figures[^1].Nanoseconds - figures[0].Nanoseconds;
        var bytes = figures[^1].Bytes - figures[0].Bytes;
        var met = nanoseconds <= NanosecondsBudget && bytes <= BytesBudget;
        Console.WriteLine($"  all of it adds at most {NanosecondsBudget} ns and {BytesBudget} B: {(met ? "met" : "MISSED")}");
        return met;
    }

    private static Task<BenchmarkApp> StartAsync((string Key, string Value)[] settings) =>
        BenchmarkApp.StartAsync(static builder => builder.AddMeshServer(), static app => app.UseMesh(), authorize: false, settings);
}
