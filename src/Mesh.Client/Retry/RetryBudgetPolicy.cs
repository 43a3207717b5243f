namespace Mesh.Client.Retry;

/// <summary>The compiled form of <see cref="RetryBudgetOptions"/>.</summary>
internal sealed record RetryBudgetPolicy(double Ratio, double MinPerSecond, TimeSpan Ttl);
