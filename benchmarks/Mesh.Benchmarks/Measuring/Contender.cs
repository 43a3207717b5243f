namespace Mesh.Benchmarks.Measuring;

/// <summary>One of several ways to do the same thing, measured against the others.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Call">Does it once.</param>
internal sealed record Contender(string Name, Func<Task> Call);
