using Mesh.Configuration;

namespace Mesh.Client.Balancing.SlowStart;

/// <summary>How an endpoint that joins or returns grows into its share: section <c>SlowStart</c> of <see cref="LoadBalancingOptions"/>. After Envoy's slow start.</summary>
public sealed class SlowStartOptions
{
    /// <summary>The time until an endpoint has its full share; 0 for at once.</summary>
    /// <value>Default 0.</value>
    public TimeSpan? Window { get; set; }

    /// <summary>The curve: 1 grows evenly, more grows faster at first.</summary>
    /// <value>Default 1.</value>
    public double? Aggression { get; set; }

    /// <summary>The least share of its weight, in percent.</summary>
    /// <value>Default 10.</value>
    public int? MinWeightPercent { get; set; }

    internal static void Read(ConfigurationReader reader, SlowStartOptions options)
    {
        options.Window = reader.Duration(nameof(Window)) ?? options.Window;
        options.Aggression = reader.Number(nameof(Aggression)) ?? options.Aggression;
        options.MinWeightPercent = reader.Integer(nameof(MinWeightPercent)) ?? options.MinWeightPercent;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Window is { } window && (window < TimeSpan.Zero || window > TimeSpan.FromHours(24)))
        {
            errors.Add($"{path}:{nameof(Window)}", window, "a duration up to 24 hours, or 0 for none");
        }

        errors.CheckRange($"{path}:{nameof(Aggression)}", Aggression, 0.01, 100);
        errors.CheckRange($"{path}:{nameof(MinWeightPercent)}", MinWeightPercent, 1, 100);
    }
}
