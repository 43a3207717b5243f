using Mesh.Configuration;

namespace Mesh.Client.Hedging;

/// <summary>When a second attempt is sent before the first has an answer: section <c>Hedging</c> of a service.</summary>
/// <remarks>
/// Off unless <see cref="Percentile"/> or <see cref="Delay"/> is set. Only idempotent requests whose body can be sent
/// again are hedged, on another endpoint, and within the budget of the retries.
/// </remarks>
public sealed class HedgingOptions
{
    /// <summary>A hedge is sent to the calls that take longer than this share of the service's calls, 50 to 99.9 percent: 95 hedges one call of twenty.</summary>
    /// <value>Default none. One of this and <see cref="Delay"/>.</value>
    public double? Percentile { get; set; }

    /// <summary>How long an attempt may be without response headers before a hedge is sent.</summary>
    /// <value>Default none. One of this and <see cref="Percentile"/>.</value>
    public TimeSpan? Delay { get; set; }

    /// <summary>How many hedges a call may have, 0 to 4, each after the delay since the one before. 0 switches hedging off.</summary>
    /// <value>Default 1.</value>
    public int? Attempts { get; set; }

    internal static void Read(ConfigurationReader reader, HedgingOptions options)
    {
        options.Percentile = reader.Number(nameof(Percentile)) ?? options.Percentile;
        options.Delay = reader.Duration(nameof(Delay)) ?? options.Delay;
        options.Attempts = reader.Integer(nameof(Attempts)) ?? options.Attempts;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Percentile)}", Percentile, 50, 99.9);
        errors.CheckDuration($"{path}:{nameof(Delay)}", Delay);
        errors.CheckRange($"{path}:{nameof(Attempts)}", Attempts, 0, 4);
        if (Percentile is not null && Delay is not null)
        {
            errors.Add(path, $"allowed is one of {nameof(Percentile)} and {nameof(Delay)}.");
        }
    }
}
