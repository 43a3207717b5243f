using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>When a rule's requests are sent a second time before the first answer is there. What is left out is what the service's own settings say.</summary>
public sealed class RouteHedgingOptions
{
    /// <summary>How many hedges a call may have at most: 0 to 4; 0 switches hedging off for the rule.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public int? Attempts { get; set; }

    /// <summary>How long an attempt may be without an answer before a hedge is sent.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public TimeSpan? Delay { get; set; }

    internal static void Read(ConfigurationReader reader, RouteHedgingOptions options)
    {
        options.Attempts = reader.Integer(nameof(Attempts)) ?? options.Attempts;
        options.Delay = reader.Duration(nameof(Delay)) ?? options.Delay;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Attempts)}", Attempts, 0, 4);
        errors.CheckDuration($"{path}:{nameof(Delay)}", Delay);
    }
}
