using Mesh.Configuration;

namespace Mesh.Client.Throttling;

/// <summary>
/// When a client holds calls back from a service that refuses them: section <c>Throttling</c> of a service. "Client-side
/// throttling" of Google's SRE book, chapter "Handling Overload".
/// </summary>
public sealed class ThrottlingOptions
{
    /// <summary>Whether calls are held back.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool? Enabled { get; set; }

    /// <summary>
    /// The K of the formula, 1.01 to 100: so many attempts are made for each that succeeds before some are held back. Lower
    /// spares the service more, higher notices its recovery sooner.
    /// </summary>
    /// <value>Default 2.</value>
    public double? Multiplier { get; set; }

    /// <summary>The time over which attempts are counted, 1 second to 1 hour.</summary>
    /// <value>Default 2 minutes.</value>
    public TimeSpan? Window { get; set; }

    /// <summary>The largest share that is held back, in percent; 100 for the bare formula, which after an outage keeps nearly everything back until the window has passed.</summary>
    /// <value>Default 90.</value>
    public int? MaxPercent { get; set; }

    internal static void Read(ConfigurationReader reader, ThrottlingOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.Multiplier = reader.Number(nameof(Multiplier)) ?? options.Multiplier;
        options.Window = reader.Duration(nameof(Window)) ?? options.Window;
        options.MaxPercent = reader.Integer(nameof(MaxPercent)) ?? options.MaxPercent;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Multiplier)}", Multiplier, 1.01, 100);
        if (Window is { } window && (window < TimeSpan.FromSeconds(1) || window > TimeSpan.FromHours(1)))
        {
            errors.Add($"{path}:{nameof(Window)}", window, "a duration from 1 second to 1 hour");
        }

        errors.CheckRange($"{path}:{nameof(MaxPercent)}", MaxPercent, 1, 100);
    }
}
