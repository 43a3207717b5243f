using System.Globalization;

namespace Mesh.Benchmarks.Gateway;

/// <summary>One of the gateways, and what was measured of it in each round.</summary>
internal sealed class GatewayContender(string name, ITarget target)
{
    private readonly List<Round> _rounds = [];

    public string Name => name;

    public double Throughput => Median(_rounds.Select(static round => round.Throughput));

    public double P50 => Median(_rounds.Select(static round => round.P50));

    public double P99 => Median(_rounds.Select(static round => round.P99));

    /// <summary>Milliseconds of CPU a thousand requests, of the gateway's processes only.</summary>
    public double Cpu => Median(_rounds.Select(static round => round.Cpu));

    /// <summary>Managed bytes a request.</summary>
    public double? Bytes => _rounds[0].Bytes is null ? null : Median(_rounds.Select(static round => round.Bytes.GetValueOrDefault()));

    public string BytesText => Bytes?.ToString("0", CultureInfo.InvariantCulture) ?? "-";

    public double ThroughputOver(GatewayContender other) => Median(_rounds.Zip(other._rounds, static (mine, theirs) => mine.Throughput / theirs.Throughput));

    public double CpuOver(GatewayContender other) => Median(_rounds.Zip(other._rounds, static (mine, theirs) => mine.Cpu / theirs.Cpu));

    /// <summary>One round.</summary>
    public async Task MeasureAsync(RoleProcess load, TimeSpan length)
    {
        var bytes = await target.CountBytesAsync();
        var cpu = ProcessorTime.Of(target.Id);
        var answer = await load.AskAsync($"{target.Port} {length.TotalSeconds.ToString(CultureInfo.InvariantCulture)}");
        var spent = ProcessorTime.Of(target.Id) - cpu;
        var parts = answer.Split(' ');
        if (parts.Length != 4)
        {
            throw new InvalidOperationException($"{name}: {answer}");
        }

        var requests = double.Parse(parts[0], CultureInfo.InvariantCulture);
        _rounds.Add(new Round(
            requests / double.Parse(parts[1], CultureInfo.InvariantCulture),
            double.Parse(parts[2], CultureInfo.InvariantCulture),
            double.Parse(parts[3], CultureInfo.InvariantCulture),
            spent.TotalMilliseconds / requests * 1000,
            (await target.CountBytesAsync() - bytes) / requests));
    }

    /// <summary>Forgets what was measured while it got warm.</summary>
    public void Forget() => _rounds.Clear();

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private sealed record Round(double Throughput, double P50, double P99, double Cpu, double? Bytes);
}
