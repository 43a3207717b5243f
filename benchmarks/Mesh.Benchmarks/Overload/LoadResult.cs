namespace Mesh.Benchmarks.Overload;

/// <summary>What became of a load.</summary>
/// <param name="Goodput">Requests a second that were served in time.</param>
/// <param name="TailMilliseconds">The 99th percentile of their latency.</param>
/// <param name="CriticalServed">The share of critical requests that were served in time.</param>
/// <param name="SheddableServed">The same of the others.</param>
internal sealed record LoadResult(double Goodput, double TailMilliseconds, double CriticalServed, double SheddableServed);
