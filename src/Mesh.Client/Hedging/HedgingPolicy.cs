using Mesh.Client.Discovery;
using Mesh.Routing;

namespace Mesh.Client.Hedging;

/// <summary>The compiled form of <see cref="HedgingOptions"/>.</summary>
/// <param name="Attempts">How many hedges a call may have.</param>
/// <param name="Delay">The fixed delay, or zero.</param>
/// <param name="Quantile">The share of calls that are fast enough, 0 to 1, or 0.</param>
internal sealed record HedgingPolicy(int Attempts, TimeSpan Delay, double Quantile)
{
    public bool IsOn => Attempts > 0 && (Delay > TimeSpan.Zero || Quantile > 0);

    /// <summary>Whether calls have to be measured.</summary>
    public bool IsMeasured => Attempts > 0 && Quantile > 0;

    public static HedgingPolicy Compile(HedgingOptions options, HedgingOptions defaults)
    {
        // "When" is one setting in two forms: a service that says one of them does not inherit the other.
        var when = options.Percentile is null && options.Delay is null ? defaults : options;
        return new HedgingPolicy(options.Attempts ?? defaults.Attempts ?? 1, when.Delay ?? TimeSpan.Zero, (when.Percentile ?? 0) / 100);
    }

    /// <summary>This policy with what a rule says.</summary>
    public HedgingPolicy Under(RouteHedging rule) => new(rule.Attempts ?? Attempts, rule.Delay ?? Delay, rule.Delay is null ? Quantile : 0);

    /// <summary>How long the first attempt may be without an answer; infinite while too little was measured.</summary>
    public TimeSpan DelayOf(ServiceTarget service, long now) => Quantile > 0 ? service.MeasuredDelay.Get(Quantile, now) : Delay;
}
