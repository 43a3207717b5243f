namespace Mesh.Benchmarks.Measuring;

/// <summary>What one call cost: medians over all rounds.</summary>
/// <param name="Name">The contender.</param>
/// <param name="Nanoseconds">Wall time, one caller at a time.</param>
/// <param name="Bytes">Allocated by the whole process.</param>
internal sealed record Figure(string Name, double Nanoseconds, double Bytes);
