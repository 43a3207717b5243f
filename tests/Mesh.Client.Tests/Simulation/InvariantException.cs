namespace Mesh.Client.Tests.Simulation;

/// <summary>Something happened in a simulation that must never happen.</summary>
internal sealed class InvariantException(string message) : Exception(message);
