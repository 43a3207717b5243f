using Mesh.Configuration;

namespace Mesh.Client.CircuitBreaking;

/// <summary>When calls to a service fail at once because most of them would fail anyway: section <c>CircuitBreaker</c> of a service. Figures of Armeria's.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Whether there is one.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool? Enabled { get; set; }

    /// <summary>The share of failed attempts, above 0 and up to 1, from which it opens.</summary>
    /// <value>Default 0.5.</value>
    public double? FailureRatio { get; set; }

    /// <summary>So many attempts must have ended within <see cref="Window"/> before it may open.</summary>
    /// <value>Default 10.</value>
    public int? MinThroughput { get; set; }

    /// <summary>The time over which attempts are counted, 100 milliseconds to 1 hour.</summary>
    /// <value>Default 20 seconds.</value>
    public TimeSpan? Window { get; set; }

    /// <summary>How long it stays open the first time; twice as long each time the service turns out not to have recovered.</summary>
    /// <value>Default 10 seconds.</value>
    public TimeSpan? BreakDuration { get; set; }

    /// <summary>The longest it stays open, before jitter of a tenth.</summary>
    /// <value>Default 2 minutes, and never less than <see cref="BreakDuration"/>.</value>
    public TimeSpan? MaxBreakDuration { get; set; }

    /// <summary>So many attempts are let through when its time is up; all must succeed to close it.</summary>
    /// <value>Default 1.</value>
    public int? Trials { get; set; }

    internal static void Read(ConfigurationReader reader, CircuitBreakerOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.FailureRatio = reader.Number(nameof(FailureRatio)) ?? options.FailureRatio;
        options.MinThroughput = reader.Integer(nameof(MinThroughput)) ?? options.MinThroughput;
        options.Window = reader.Duration(nameof(Window)) ?? options.Window;
        options.BreakDuration = reader.Duration(nameof(BreakDuration)) ?? options.BreakDuration;
        options.MaxBreakDuration = reader.Duration(nameof(MaxBreakDuration)) ?? options.MaxBreakDuration;
        options.Trials = reader.Integer(nameof(Trials)) ?? options.Trials;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (FailureRatio is { } ratio && !(ratio is > 0 and <= 1))
        {
            errors.Add($"{path}:{nameof(FailureRatio)}", ratio, "a number above 0 and up to 1");
        }

        errors.CheckRange($"{path}:{nameof(MinThroughput)}", MinThroughput, 1, 1_000_000);
        if (Window is { } window && (window < TimeSpan.FromMilliseconds(100) || window > TimeSpan.FromHours(1)))
        {
            errors.Add($"{path}:{nameof(Window)}", window, "a duration from 100 milliseconds to 1 hour");
        }

        errors.CheckDuration($"{path}:{nameof(BreakDuration)}", BreakDuration);
        errors.CheckDuration($"{path}:{nameof(MaxBreakDuration)}", MaxBreakDuration);
        errors.CheckRange($"{path}:{nameof(Trials)}", Trials, 1, 1000);
    }
}
