namespace Mesh.Client.Retry;

/// <summary>The compiled form of <see cref="RetryOptions"/>.</summary>
internal sealed record RetryPolicy(int Attempts, TimeSpan Backoff, TimeSpan MaxBackoff, RetryBudgetPolicy Budget)
{
    public static RetryPolicy Compile(RetryOptions options, RetryOptions defaults) => new(
        options.Attempts ?? defaults.Attempts ?? 2,
        options.Backoff ?? defaults.Backoff ?? TimeSpan.FromMilliseconds(25),
        options.MaxBackoff ?? defaults.MaxBackoff ?? TimeSpan.FromMilliseconds(250),
        new RetryBudgetPolicy(
            options.Budget.Ratio ?? defaults.Budget.Ratio ?? 0.2,
            options.Budget.MinPerSecond ?? defaults.Budget.MinPerSecond ?? 10,
            options.Budget.Ttl ?? defaults.Budget.Ttl ?? TimeSpan.FromSeconds(10)));

    /// <summary>Full jitter (Brooker, "Exponential Backoff And Jitter"): uniform in 0 … min(cap, base × 2ⁿ⁻¹).</summary>
    public TimeSpan BackoffBefore(int retry, Random random)
    {
        var ceiling = Math.Min(MaxBackoff.TotalMilliseconds, Backoff.TotalMilliseconds * Math.Pow(2, retry - 1));
        return TimeSpan.FromMilliseconds(random.NextDouble() * ceiling);
    }
}
