namespace Mesh.Client.Ejection;

/// <summary>The compiled form of <see cref="LatencyOutlierOptions"/>.</summary>
internal sealed record LatencyOutlierPolicy(double Quantile, double Factor, TimeSpan MinLatency, int MinEndpoints, int MinRequests)
{
    /// <returns><see langword="null"/> where it is off.</returns>
    public static LatencyOutlierPolicy? Compile(LatencyOutlierOptions options, LatencyOutlierOptions defaults) =>
        (options.Enabled ?? defaults.Enabled) == true
            ? new LatencyOutlierPolicy(
                options.Quantile ?? defaults.Quantile ?? 0.9,
                options.Factor ?? defaults.Factor ?? 3,
                options.MinLatency ?? defaults.MinLatency ?? TimeSpan.FromMilliseconds(50),
                options.MinEndpoints ?? defaults.MinEndpoints ?? 3,
                options.MinRequests ?? defaults.MinRequests ?? 50)
            : null;
}
