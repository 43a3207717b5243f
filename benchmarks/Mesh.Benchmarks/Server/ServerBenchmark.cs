using Mesh.Benchmarks.Authorization;
using Mesh.Benchmarks.Limits;

namespace Mesh.Benchmarks.Server;

/// <summary>What the server adds to a request: tokens, authorization, limits, and all of it together.</summary>
internal static class ServerBenchmark
{
    public static async Task<int> RunAsync(bool check)
    {
        var met = await TokenBenchmark.RunAsync();
        met &= await AuthorizationBenchmark.RunAsync(check: true) == 0;
        met &= await LimitsBenchmark.MeasureAsync();
        met &= await PipelineBenchmark.RunAsync();
        return met || !check ? 0 : 1;
    }
}
