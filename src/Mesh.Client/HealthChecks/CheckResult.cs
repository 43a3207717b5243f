namespace Mesh.Client.HealthChecks;

/// <summary>What an endpoint said when it was asked.</summary>
/// <param name="Failure">Why the check failed, or <see langword="null"/> when it passed.</param>
/// <param name="At">When, as a timestamp.</param>
internal sealed record CheckResult(string? Failure, long At)
{
    public bool Passed => Failure is null;
}
