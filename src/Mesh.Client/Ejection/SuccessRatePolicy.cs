namespace Mesh.Client.Ejection;

/// <summary>The compiled form of <see cref="SuccessRateOptions"/>.</summary>
internal sealed record SuccessRatePolicy(int StdevFactor, int MinEndpoints, int MinRequests)
{
    /// <returns><see langword="null"/> where it is off.</returns>
    public static SuccessRatePolicy? Compile(SuccessRateOptions options, SuccessRateOptions defaults) =>
        (options.Enabled ?? defaults.Enabled) == true
            ? new SuccessRatePolicy(
                options.StdevFactor ?? defaults.StdevFactor ?? 1900,
                options.MinEndpoints ?? defaults.MinEndpoints ?? 5,
                options.MinRequests ?? defaults.MinRequests ?? 100)
            : null;
}
