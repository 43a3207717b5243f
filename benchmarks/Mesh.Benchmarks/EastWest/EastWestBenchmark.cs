using System.Globalization;
using Mesh.Benchmarks.Identity;

namespace Mesh.Benchmarks.EastWest;

/// <summary>
/// Calls from one process to another over mutual TLS on the loopback: bare <see cref="HttpClient"/>, the mesh, and a pair of
/// nginx sidecars that do the TLS for two applications in plaintext.
/// </summary>
/// <remarks>
/// The check fails on bytes only: they are the same on every machine at any time. Throughput and CPU time are ratios of
/// rounds that follow each other, and still say as much about what else the machine does.
/// </remarks>
internal static class EastWestBenchmark
{
    private const int Rounds = 15;
    private const double MaxBytes = 800;
    private const double MinThroughput = 0.95;
    private const double MaxCpu = 1.05;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(bool check)
    {
        var files = new IdentityFiles(Directory.CreateTempSubdirectory("mesh-eastwest-").FullName);
        List<ChildProcess> processes = [];
        try
        {
            new BenchmarkIdentity().Save(files);
            var contenders = await StartAsync(files, processes);
            Console.WriteLine($"over mutual TLS on the loopback, each side a process of its own (medians of {Rounds} interleaved rounds of {Round.TotalMilliseconds:0} ms; ratios of rounds to those of bare HttpClient)");
            foreach (var contender in contenders)
            {
                foreach (var workload in Workload.All)
                {
                    await contender.RunAsync(workload, WarmUp / Workload.All.Count);
                }
            }

            var met = true;
            foreach (var workload in Workload.All)
            {
                met &= await MeasureAsync(workload, contenders);
            }

            Console.WriteLine($"  client's bytes a call: at most {MaxBytes:0} more than bare HttpClient's: {(met ? "met" : "MISSED")}");
            return met || !check ? 0 : 1;
        }
        finally
        {
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }

            Directory.Delete(files.Folder, recursive: true);
        }
    }

    private static async Task<List<Contender>> StartAsync(IdentityFiles files, List<ChildProcess> processes)
    {
        var (platform, platformPort) = await ServerAsync(Contender.Platform);
        var (mesh, meshPort) = await ServerAsync(Contender.Mesh);
        List<Contender> contenders =
        [
            new("bare HttpClient, bare Kestrel", Client(Contender.Platform, platformPort), platform),
            new("mesh client, bare Kestrel", Client(Contender.Mesh, platformPort), platform),
            new("mesh on both sides", Client(Contender.Mesh, meshPort), mesh),
        ];
        if (NginxSidecar.Program is null)
        {
            Console.WriteLine("nginx is not installed (apt-get install nginx): the sidecars are left out");
            return contenders;
        }

        var (plain, plainPort) = await ServerAsync(Contender.Plain);
        var (inbound, inboundPort) = await NginxSidecar.StartInboundAsync(files, plainPort);
        processes.Add(inbound);
        var (outbound, outboundPort) = await NginxSidecar.StartOutboundAsync(files, inboundPort);
        processes.Add(outbound);
        contenders.Add(new("pair of nginx sidecars", Client(Contender.Plain, outboundPort), outbound, inbound, plain));
        return contenders;

        async Task<(ChildProcess Process, int Port)> ServerAsync(string kind)
        {
            var process = ChildProcess.StartSelf(EastWestServer.Role, kind, files.Folder);
            processes.Add(process);
            return (process, int.Parse(await process.ReadLineAsync(), CultureInfo.InvariantCulture));
        }

        ChildProcess Client(string kind, int port)
        {
            var process = ChildProcess.StartSelf(EastWestClient.Role, kind, port.ToString(CultureInfo.InvariantCulture), files.Folder);
            processes.Add(process);
            return process;
        }
    }

    /// <returns>Whether the bytes are within their budget.</returns>
    private static async Task<bool> MeasureAsync(Workload workload, List<Contender> contenders)
    {
        var rounds = contenders.ConvertAll(static _ => new List<RoundResult>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (index, contender) in contenders.Index())
            {
                rounds[index].Add(await contender.RunAsync(workload, Round));
            }
        }

        Console.WriteLine($"{workload.Name}, {workload.Concurrency} at a time");
        var bare = rounds[0];
        foreach (var (contender, own) in contenders.Zip(rounds))
        {
            Console.WriteLine(
                $"  {contender.Name,-30} {Median(own, static r => r.Throughput),7:0} /s ({Ratio(own, bare, static r => r.Throughput):0.00} ×)  {Median(own, static r => r.CpuMicroseconds),6:0.0} µs CPU ({Ratio(own, bare, static r => r.CpuMicroseconds):0.00} ×)  {Median(own, static r => r.ClientBytes),6:0} B by the client ({Added(own):+0;-0;0})");
        }

        Aim("client alone ÷ bare, throughput", Ratio(rounds[1], bare, static r => r.Throughput), MinThroughput, atLeast: true);
        Aim("client alone ÷ bare, CPU", Ratio(rounds[1], bare, static r => r.CpuMicroseconds), MaxCpu, atLeast: false);
        if (rounds.Count > 3)
        {
            Aim("both sides ÷ sidecars, throughput", Ratio(rounds[2], rounds[3], static r => r.Throughput), workload.SidecarFactor, atLeast: true);
        }

        return Added(rounds[1]) <= MaxBytes && Added(rounds[2]) <= MaxBytes;

        double Added(List<RoundResult> own) => Median(own, static r => r.ClientBytes) - Median(bare, static r => r.ClientBytes);
    }

    private static void Aim(string what, double value, double aim, bool atLeast) =>
        Console.WriteLine($"    {what,-34} {value:0.00} (aim: {(atLeast ? "at least" : "at most")} {aim:0.00}): {((atLeast ? value >= aim : value <= aim) ? "met" : "MISSED")}");

    private static double Median(IEnumerable<RoundResult> rounds, Func<RoundResult, double> figure) => Median(rounds.Select(figure));

    private static double Ratio(List<RoundResult> rounds, List<RoundResult> others, Func<RoundResult, double> figure) =>
        Median(rounds.Zip(others, (round, other) => figure(round) / figure(other)));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
