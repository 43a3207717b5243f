using System.Globalization;

namespace Mesh.Benchmarks.Gateway;

/// <summary>
/// Gateways in front of one backend, each in a process of its own, under the same load: the mesh's, YARP's, nginx and HAProxy.
/// In turns, because the machine's speed drifts; a ratio is the median of those of the rounds.
/// </summary>
internal static class GatewayBenchmark
{
    private const int Rounds = 16;

    // Has no factor in common with the number of contenders, so that each follows each.
    private const int Stride = 3;
    private const double ThroughputBudget = 1.0;
    private const double SecuredBudget = 0.85;
    private const double ManyRoutesBudget = 0.95;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RoundLength = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(bool check)
    {
        using var workshop = new Workshop();
        await using var backend = await RoleProcess.StartAsync(GatewayRole.Backend, workshop.Folder, backend: 0);
        await using var load = await RoleProcess.StartAsync(GatewayRole.Load, workshop.Folder, backend: 0);
        await using var yarp = await StartAsync(GatewayRole.Yarp);
        await using var mesh = await StartAsync(GatewayRole.Mesh);
        await using var secured = await StartAsync(GatewayRole.MeshSecured);
        await using var securedYarp = await StartAsync(GatewayRole.YarpSecured);
        await using var many = await StartAsync(GatewayRole.MeshManyRoutes);
        await using var nginx = await NativeProxy.StartNginxAsync(workshop.Folder, backend.Port);
        await using var haproxy = await NativeProxy.StartHaproxyAsync(workshop.Folder, backend.Port);
        GatewayContender[] contenders =
        [
            new("direct", backend), new("YARP", yarp), new("mesh", mesh), new("mesh: JWT, document, limit", secured),
            new("YARP: JwtBearer, limiter", securedYarp), new("mesh: 10 000 routes", many), new("nginx", nginx), new("HAProxy", haproxy),
        ];
        foreach (var contender in contenders)
        {
            await contender.MeasureAsync(load, WarmUp);
        }

        foreach (var contender in contenders)
        {
            contender.Forget();
        }

        for (var round = 0; round < Rounds; round++)
        {
            // Whoever comes next to another finds the caches and the clock as that one has left them: the order changes.
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                await contenders[((turn * Stride) + round) % contenders.Length].MeasureAsync(load, RoundLength);
            }
        }

        Print(contenders);
        return Judge(contenders) || !check ? 0 : 1;

        Task<RoleProcess> StartAsync(GatewayRole role) => RoleProcess.StartAsync(role, workshop.Folder, backend.Port);
    }

    private static void Print(GatewayContender[] contenders)
    {
        var (direct, yarp, nginx) = (contenders[0], contenders[1], contenders[6]);
        Console.WriteLine($"GET of 200 bytes with a token of RS256, {LoadRole.Connections} connections, HTTP/1.1 (medians of {Rounds} interleaved rounds)");
        Console.WriteLine("                               req/s  ÷ direct  ÷ YARP  ÷ nginx   p50 ms   p99 ms   CPU ms/1 000   ÷ nginx    B/request");
        foreach (var contender in contenders)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {contender.Name,-27} {contender.Throughput,7:0}  {contender.ThroughputOver(direct),8:0.00}  {contender.ThroughputOver(yarp),6:0.00}  {contender.ThroughputOver(nginx),7:0.00}  {contender.P50,7:0.0}  {contender.P99,7:0.0}  {contender.Cpu,13:0.0}  {contender.CpuOver(nginx),8:0.00}  {contender.BytesText,11}"));
        }
    }

    private static bool Judge(GatewayContender[] contenders)
    {
        var (yarp, mesh, secured, many) = (contenders[1], contenders[2], contenders[3], contenders[5]);
        var met = Gate("mesh ÷ YARP", mesh.ThroughputOver(yarp), ThroughputBudget);
        met &= Gate("mesh with JWT, document and limit ÷ YARP", secured.ThroughputOver(yarp), SecuredBudget);
        met &= Gate("10 000 routes ÷ one", many.ThroughputOver(mesh), ManyRoutesBudget);
        var (bytes, most) = (mesh.Bytes.GetValueOrDefault(), yarp.Bytes.GetValueOrDefault());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  bytes per request: mesh {bytes:0}, YARP {most:0} (mesh ≤ YARP): {(bytes <= most ? "met" : "MISSED")}"));
        return met & (bytes <= most);
    }

    private static bool Gate(string what, double ratio, double budget)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {ratio:0.00} (≥ {budget:0.00}): {(ratio >= budget ? "met" : "MISSED")}"));
        return ratio >= budget;
    }
}
