using Mesh.Benchmarks.Authorization;

namespace Mesh.Benchmarks.Server;

/// <summary>What the server adds to a request: tokens, authorization.</summary>
internal static class ServerBenchmark
{
    public static async Task<int> RunAsync(bool check)
    {
        var met = await TokenBenchmark.RunAsync();
        met &= await AuthorizationBenchmark.RunAsync(check: true) == 0;
        return met || !check ? 0 : 1;
    }
}
