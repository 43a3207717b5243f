namespace Mesh.Client.CircuitBreaking;

/// <summary>The compiled form of <see cref="CircuitBreakerOptions"/>.</summary>
internal sealed record CircuitBreakerPolicy(double FailureRatio, int MinThroughput, TimeSpan Window, TimeSpan BreakDuration, TimeSpan MaxBreakDuration, int Trials)
{
    /// <summary>What holds for a service, or <see langword="null"/> where it has none.</summary>
    public static CircuitBreakerPolicy? Compile(CircuitBreakerOptions options, CircuitBreakerOptions defaults)
    {
        if ((options.Enabled ?? defaults.Enabled) != true)
        {
            return null;
        }

        var first = options.BreakDuration ?? defaults.BreakDuration ?? TimeSpan.FromSeconds(10);
        var longest = options.MaxBreakDuration ?? defaults.MaxBreakDuration ?? TimeSpan.FromMinutes(2);
        return new CircuitBreakerPolicy(
            options.FailureRatio ?? defaults.FailureRatio ?? 0.5,
            options.MinThroughput ?? defaults.MinThroughput ?? 10,
            options.Window ?? defaults.Window ?? TimeSpan.FromSeconds(20),
            first,
            longest > first ? longest : first,
            options.Trials ?? defaults.Trials ?? 1);
    }

    /// <summary>How long the n-th opening in a row lasts.</summary>
    public TimeSpan Duration(int times)
    {
        var grown = BreakDuration * Math.Pow(2, Math.Min(times - 1, 30));
        return grown < MaxBreakDuration ? grown : MaxBreakDuration;
    }
}
