namespace Mesh.Client.Ejection;

/// <summary>The compiled form of <see cref="EjectionOptions"/>.</summary>
internal sealed record EjectionPolicy(int ConsecutiveFailures, TimeSpan BaseTime, TimeSpan MaxTime, int MaxPercent)
{
    // A request that cannot be repeated leaves the risk of a probe to those that can, unless none comes along for so long.
    private static readonly TimeSpan LongestProbePatience = TimeSpan.FromSeconds(5);

    public int ConsecutiveGatewayFailures { get; init; }

    /// <summary>Above 0, failures without an answer are counted on their own (Envoy: <c>split_external_local_origin_errors</c>).</summary>
    public int ConsecutiveLocalFailures { get; init; }

    public TimeSpan MaxJitter { get; init; }

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    public SuccessRatePolicy? SuccessRate { get; init; }

    public FailurePercentagePolicy? FailurePercentage { get; init; }

    public LatencyOutlierPolicy? Latency { get; init; }

    /// <summary>Whether endpoints are compared at intervals, so that their outcomes must be counted.</summary>
    public bool Compares => SuccessRate is not null || FailurePercentage is not null || Latency is not null;

    /// <summary>How long a probe waits for a request that can be repeated: never so long that recovery takes twice the ejection.</summary>
    public TimeSpan ProbePatience { get; } = BaseTime / 2 < LongestProbePatience ? BaseTime / 2 : LongestProbePatience;

    private bool Ejects => MaxPercent > 0 && (ConsecutiveFailures > 0 || ConsecutiveGatewayFailures > 0 || ConsecutiveLocalFailures > 0 || Compares);

    public static EjectionPolicy Compile(EjectionOptions options, EjectionOptions defaults)
    {
        var baseTime = options.BaseTime ?? defaults.BaseTime ?? TimeSpan.FromSeconds(30);
        var maxTime = options.MaxTime ?? defaults.MaxTime ?? TimeSpan.FromMinutes(5);
        return new EjectionPolicy(
            options.ConsecutiveFailures ?? defaults.ConsecutiveFailures ?? 5,
            baseTime,
            maxTime < baseTime ? baseTime : maxTime,
            options.MaxPercent ?? defaults.MaxPercent ?? 50)
        {
            ConsecutiveGatewayFailures = options.ConsecutiveGatewayFailures ?? defaults.ConsecutiveGatewayFailures ?? 0,
            ConsecutiveLocalFailures = options.ConsecutiveLocalFailures ?? defaults.ConsecutiveLocalFailures ?? 0,
            MaxJitter = options.MaxJitter ?? defaults.MaxJitter ?? TimeSpan.Zero,
            Interval = options.Interval ?? defaults.Interval ?? TimeSpan.FromSeconds(10),
            SuccessRate = SuccessRatePolicy.Compile(options.SuccessRate, defaults.SuccessRate),
            FailurePercentage = FailurePercentagePolicy.Compile(options.FailurePercentage, defaults.FailurePercentage),
            Latency = LatencyOutlierPolicy.Compile(options.Latency, defaults.Latency),
        };
    }

    /// <summary>How many of <paramref name="endpoints"/> may be out: the share, at least one, never all.</summary>
    public int MaxEjected(int endpoints) => Ejects
        ? Math.Min(endpoints - 1, Math.Max(1, (int)((long)endpoints * MaxPercent / 100)))
        : 0;

    /// <summary>How long the <paramref name="times"/>-th ejection lasts without jitter (Envoy: base × times, capped).</summary>
    public TimeSpan Duration(int times)
    {
        var duration = BaseTime * times;
        return duration < MaxTime ? duration : MaxTime;
    }
}
