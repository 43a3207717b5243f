namespace Mesh.Client.Ejection;

/// <summary>The compiled form of <see cref="EjectionOptions"/>.</summary>
internal sealed record EjectionPolicy(int ConsecutiveFailures, TimeSpan BaseTime, TimeSpan MaxTime, int MaxPercent)
{
    public static EjectionPolicy Compile(EjectionOptions options, EjectionOptions defaults)
    {
        var baseTime = options.BaseTime ?? defaults.BaseTime ?? TimeSpan.FromSeconds(30);
        var maxTime = options.MaxTime ?? defaults.MaxTime ?? TimeSpan.FromMinutes(5);
        return new EjectionPolicy(
            options.ConsecutiveFailures ?? defaults.ConsecutiveFailures ?? 5,
            baseTime,
            maxTime < baseTime ? baseTime : maxTime,
            options.MaxPercent ?? defaults.MaxPercent ?? 50);
    }

    /// <summary>How many of <paramref name="endpoints"/> may be out: the share, at least one, never all.</summary>
    public int MaxEjected(int endpoints) => ConsecutiveFailures == 0 || MaxPercent == 0
        ? 0
        : Math.Min(endpoints - 1, Math.Max(1, endpoints * MaxPercent / 100));

    /// <summary>How long the <paramref name="times"/>-th ejection lasts (Envoy: base × times, capped).</summary>
    public TimeSpan Duration(int times)
    {
        var duration = BaseTime * times;
        return duration < MaxTime ? duration : MaxTime;
    }
}
