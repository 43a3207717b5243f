using Mesh.Client.CircuitBreaking;

namespace Mesh.Client.State;

/// <summary>The circuit breaker of a service.</summary>
/// <param name="State">What it lets through.</param>
/// <param name="OpenFor">How long nothing is let through yet, or <see langword="null"/> where it is not open.</param>
/// <param name="Openings">How often it has opened in a row; 0 when it never has.</param>
public sealed record CircuitStateView(CircuitState State, TimeSpan? OpenFor, int Openings);
