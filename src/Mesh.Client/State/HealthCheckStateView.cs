namespace Mesh.Client.State;

/// <summary>The last health check of an endpoint.</summary>
/// <param name="Failure">Why it failed, or <see langword="null"/> when it passed.</param>
/// <param name="Age">How long ago it was.</param>
public sealed record HealthCheckStateView(string? Failure, TimeSpan Age);
