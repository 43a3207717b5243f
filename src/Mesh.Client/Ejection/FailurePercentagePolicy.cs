namespace Mesh.Client.Ejection;

/// <summary>The compiled form of <see cref="FailurePercentageOptions"/>.</summary>
internal sealed record FailurePercentagePolicy(int Threshold, int MinEndpoints, int MinRequests)
{
    /// <returns><see langword="null"/> where it is off.</returns>
    public static FailurePercentagePolicy? Compile(FailurePercentageOptions options, FailurePercentageOptions defaults) =>
        (options.Enabled ?? defaults.Enabled) == true
            ? new FailurePercentagePolicy(
                options.Threshold ?? defaults.Threshold ?? 85,
                options.MinEndpoints ?? defaults.MinEndpoints ?? 5,
                options.MinRequests ?? defaults.MinRequests ?? 50)
            : null;
}
