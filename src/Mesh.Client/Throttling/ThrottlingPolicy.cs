namespace Mesh.Client.Throttling;

/// <summary>The compiled form of <see cref="ThrottlingOptions"/>.</summary>
internal sealed record ThrottlingPolicy(double Multiplier, TimeSpan Window, double MaxShare)
{
    /// <summary>What holds for a service, or <see langword="null"/> where nothing is held back.</summary>
    public static ThrottlingPolicy? Compile(ThrottlingOptions options, ThrottlingOptions defaults) => (options.Enabled ?? defaults.Enabled) == true
        ? new ThrottlingPolicy(
            options.Multiplier ?? defaults.Multiplier ?? 2,
            options.Window ?? defaults.Window ?? TimeSpan.FromMinutes(2),
            (options.MaxPercent ?? defaults.MaxPercent ?? 90) / 100.0)
        : null;
}
