namespace Mesh.Benchmarks.EastWest;

/// <summary>One way from a client to a server, with all processes on it.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Client">The process that calls.</param>
/// <param name="Others">The server, and whatever stands between.</param>
internal sealed record Contender(string Name, ChildProcess Client, params ChildProcess[] Others)
{
    /// <summary>Without TLS: behind sidecars.</summary>
    public const string Plain = "plain";

    /// <summary>Mutual TLS by the platform.</summary>
    public const string Platform = "platform";

    /// <summary>Mutual TLS by the mesh, and everything else of it.</summary>
    public const string Mesh = "mesh";

    private TimeSpan CpuTime => Others.Aggregate(Client.CpuTime, static (sum, process) => sum + process.CpuTime);

    public async Task<RoundResult> RunAsync(Workload workload, TimeSpan duration)
    {
        var cpu = CpuTime;
        await Client.TellAsync($"{workload.Method} {workload.Concurrency} {(int)duration.TotalMilliseconds}");
        var answer = (await Client.ReadLineAsync()).Split(' ');
        var (requests, nanoseconds, bytes) = (double.Parse(answer[0]), double.Parse(answer[1]), double.Parse(answer[2]));
        return new RoundResult(requests / nanoseconds * 1e9, (CpuTime - cpu).TotalMicroseconds / requests, bytes / requests);
    }
}
