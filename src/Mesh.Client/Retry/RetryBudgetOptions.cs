using Mesh.Configuration;

namespace Mesh.Client.Retry;

/// <summary>What bounds the retries to a service: section <c>Retry:Budget</c>. Meaning and defaults are those of Finagle's <c>RetryBudget</c>.</summary>
public sealed class RetryBudgetOptions
{
    /// <summary>Retries allowed per call, as a share: 0.2 is one retry for five calls.</summary>
    /// <value>Default 0.2.</value>
    public double? Ratio { get; set; }

    /// <summary>Retries per second allowed whatever the traffic, so that a quiet client can retry at all.</summary>
    /// <value>Default 10.</value>
    public double? MinPerSecond { get; set; }

    /// <summary>How long a call counts towards the share; 1 to 60 seconds.</summary>
    /// <value>Default 10 seconds.</value>
    public TimeSpan? Ttl { get; set; }

    internal static void Read(ConfigurationReader reader, RetryBudgetOptions options)
    {
        options.Ratio = reader.Number(nameof(Ratio)) ?? options.Ratio;
        options.MinPerSecond = reader.Number(nameof(MinPerSecond)) ?? options.MinPerSecond;
        options.Ttl = reader.Duration(nameof(Ttl)) ?? options.Ttl;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Ratio)}", Ratio, 0, 1000);
        errors.CheckRange($"{path}:{nameof(MinPerSecond)}", MinPerSecond, 0, 100_000);
        if (Ttl is { } ttl && (ttl < TimeSpan.FromSeconds(1) || ttl > TimeSpan.FromSeconds(60)))
        {
            errors.Add($"{path}:{nameof(Ttl)}", ttl, "1 to 60 seconds");
        }
    }
}
