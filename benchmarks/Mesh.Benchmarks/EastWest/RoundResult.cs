namespace Mesh.Benchmarks.EastWest;

/// <summary>What one round of one contender gave.</summary>
/// <param name="Throughput">Requests a second.</param>
/// <param name="CpuMicroseconds">CPU time of all its processes, a request.</param>
/// <param name="ClientBytes">What the client allocated, a request.</param>
internal sealed record RoundResult(double Throughput, double CpuMicroseconds, double ClientBytes);
