using Mesh.Configuration;

namespace Mesh.Client.Retry;

/// <summary>When a failed attempt is repeated: section <c>Retry</c> of a service.</summary>
/// <remarks>
/// Only idempotent requests are repeated (see <see cref="Mesh.Outcomes.RequestIdempotency"/>), or requests of which
/// provably nothing was sent, and only within <see cref="Budget"/>.
/// </remarks>
public sealed class RetryOptions
{
    /// <summary>How often a call is repeated at most, the first attempt not counted, as in the Gateway API and in Istio. 0 switches retries off.</summary>
    /// <value>Default 2.</value>
    public int? Attempts { get; set; }

    /// <summary>The back-off before the n-th retry is random in 0 … min(<see cref="MaxBackoff"/>, 2ⁿ⁻¹ × this) ("full jitter").</summary>
    /// <value>Default 25 ms.</value>
    public TimeSpan? Backoff { get; set; }

    /// <summary>The longest back-off.</summary>
    /// <value>Default 250 ms.</value>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>What bounds the retries of all calls to the service together.</summary>
    public RetryBudgetOptions Budget { get; } = new();

    internal static void Read(ConfigurationReader reader, RetryOptions options)
    {
        options.Attempts = reader.Integer(nameof(Attempts)) ?? options.Attempts;
        options.Backoff = reader.Duration(nameof(Backoff)) ?? options.Backoff;
        options.MaxBackoff = reader.Duration(nameof(MaxBackoff)) ?? options.MaxBackoff;
        reader.Section(nameof(Budget), options.Budget, RetryBudgetOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Attempts)}", Attempts, 0, 10);
        errors.CheckDuration($"{path}:{nameof(Backoff)}", Backoff);
        errors.CheckDuration($"{path}:{nameof(MaxBackoff)}", MaxBackoff);
        Budget.Validate($"{path}:{nameof(Budget)}", errors);
    }
}
