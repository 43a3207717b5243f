using Mesh.Configuration;

namespace Mesh.Client.Ejection;

/// <summary>When an endpoint is taken out of rotation: section <c>Ejection</c> of a service. After Envoy's outlier detection.</summary>
public sealed class EjectionOptions
{
    // The beat on which intervals are kept.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Failures in a row, of answers or of connections, that eject an endpoint; 0 switches this off.</summary>
    /// <value>Default 5.</value>
    public int? ConsecutiveFailures { get; set; }

    /// <summary>Failures in a row that are 502, 503, 504 or no answer at all; 0 switches this off.</summary>
    /// <value>Default 0.</value>
    public int? ConsecutiveGatewayFailures { get; set; }

    /// <summary>
    /// Failures in a row without any answer: no connection, a broken one, a time-out. When set, the other two count answers
    /// only; 0 counts all together.
    /// </summary>
    /// <value>Default 0.</value>
    public int? ConsecutiveLocalFailures { get; set; }

    /// <summary>How long the first ejection lasts; the n-th lasts n times as long.</summary>
    /// <value>Default 30 seconds.</value>
    public TimeSpan? BaseTime { get; set; }

    /// <summary>The longest ejection, before <see cref="MaxJitter"/>.</summary>
    /// <value>Default 5 minutes, and never less than <see cref="BaseTime"/>.</value>
    public TimeSpan? MaxTime { get; set; }

    /// <summary>What is added to each ejection at most, by chance, so that not every process probes at the same moment.</summary>
    /// <value>Default 0.</value>
    public TimeSpan? MaxJitter { get; set; }

    /// <summary>The largest share of a service's endpoints that may be out at a time, in percent. One may always go, unless it is the only one.</summary>
    /// <value>Default 50.</value>
    public int? MaxPercent { get; set; }

    /// <summary>
    /// How often rates and latencies are compared. Each interval that an endpoint stays in rotation shortens its next
    /// ejection by one <see cref="BaseTime"/>.
    /// </summary>
    /// <value>Default 10 seconds.</value>
    public TimeSpan? Interval { get; set; }

    /// <summary>Compares success rates.</summary>
    public SuccessRateOptions SuccessRate { get; } = new();

    /// <summary>Counts failures over an interval.</summary>
    public FailurePercentageOptions FailurePercentage { get; } = new();

    /// <summary>Compares latencies.</summary>
    public LatencyOutlierOptions Latency { get; } = new();

    internal static void Read(ConfigurationReader reader, EjectionOptions options)
    {
        options.ConsecutiveFailures = reader.Integer(nameof(ConsecutiveFailures)) ?? options.ConsecutiveFailures;
        options.ConsecutiveGatewayFailures = reader.Integer(nameof(ConsecutiveGatewayFailures)) ?? options.ConsecutiveGatewayFailures;
        options.ConsecutiveLocalFailures = reader.Integer(nameof(ConsecutiveLocalFailures)) ?? options.ConsecutiveLocalFailures;
        options.BaseTime = reader.Duration(nameof(BaseTime)) ?? options.BaseTime;
        options.MaxTime = reader.Duration(nameof(MaxTime)) ?? options.MaxTime;
        options.MaxJitter = reader.Duration(nameof(MaxJitter)) ?? options.MaxJitter;
        options.MaxPercent = reader.Integer(nameof(MaxPercent)) ?? options.MaxPercent;
        options.Interval = reader.Duration(nameof(Interval)) ?? options.Interval;
        reader.Section(nameof(SuccessRate), options.SuccessRate, SuccessRateOptions.Read);
        reader.Section(nameof(FailurePercentage), options.FailurePercentage, FailurePercentageOptions.Read);
        reader.Section(nameof(Latency), options.Latency, LatencyOutlierOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(ConsecutiveFailures)}", ConsecutiveFailures, 0, 10_000);
        errors.CheckRange($"{path}:{nameof(ConsecutiveGatewayFailures)}", ConsecutiveGatewayFailures, 0, 10_000);
        errors.CheckRange($"{path}:{nameof(ConsecutiveLocalFailures)}", ConsecutiveLocalFailures, 0, 10_000);
        errors.CheckDuration($"{path}:{nameof(BaseTime)}", BaseTime);
        errors.CheckDuration($"{path}:{nameof(MaxTime)}", MaxTime);
        if (MaxJitter is { } jitter && (jitter < TimeSpan.Zero || jitter > TimeSpan.FromHours(1)))
        {
            errors.Add($"{path}:{nameof(MaxJitter)}", jitter, "a duration up to 1 hour, or 0 for none");
        }

        errors.CheckRange($"{path}:{nameof(MaxPercent)}", MaxPercent, 0, 100);
        if (Interval is { } interval && (interval < ShortestInterval || interval > TimeSpan.FromHours(1)))
        {
            errors.Add($"{path}:{nameof(Interval)}", interval, "a duration from 100 milliseconds to 1 hour");
        }

        SuccessRate.Validate($"{path}:{nameof(SuccessRate)}", errors);
        FailurePercentage.Validate($"{path}:{nameof(FailurePercentage)}", errors);
        Latency.Validate($"{path}:{nameof(Latency)}", errors);
    }
}
