using Mesh.Server.Problems;

namespace Mesh.Gateway.Consumers;

/// <summary>Whether a request may pass, and how it is counted.</summary>
/// <param name="Consumer">Who sent it; <see langword="null"/> when nobody is meant, and then it is not counted.</param>
/// <param name="Cost">What it was charged.</param>
/// <param name="Refusal">Why it may not pass; <see langword="null"/> when it may.</param>
internal readonly record struct Admission(string? Consumer, long Cost, MeshProblem? Refusal);
