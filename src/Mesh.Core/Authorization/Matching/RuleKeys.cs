namespace Mesh.Authorization;

/// <summary>What a request must have for a rule to be worth looking at; <see langword="null"/> is anything.</summary>
/// <param name="Principals">Principals of which the peer must have one.</param>
/// <param name="Methods">Methods of which the request must have one, in any case.</param>
/// <param name="Paths">The whole segments of which one row must begin the path, in any case.</param>
internal readonly record struct RuleKeys(string[]? Principals, string[]? Methods, string[][]? Paths);
