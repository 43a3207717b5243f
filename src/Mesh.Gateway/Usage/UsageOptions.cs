using Mesh.Configuration;

namespace Mesh.Gateway.Usage;

/// <summary>Where quotas and usage are kept: section <c>Mesh:Gateway:Usage</c>. Read at the start; a change needs a restart.</summary>
public sealed class UsageOptions
{
    private const int MaxRetentionDays = 3660;
    private const int MostEntries = 10_000_000;
    private static readonly TimeSpan MinFlushInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxFlushInterval = TimeSpan.FromMinutes(1);

    /// <summary>The folder of the journal, of this process alone. It is created when it is not there.</summary>
    /// <value>Default <see langword="null"/>: quotas and usage are in memory only and begin anew with every start.</value>
    public string? Directory { get; set; }

    /// <summary>How often changes are written: what a killed process can lose. From 10 milliseconds to a minute.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether each write waits for the disk, so that not even a loss of power loses more.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool FlushToDisk { get; set; } = true;

    /// <summary>How many whole days of usage are kept before today: 1 to 3660.</summary>
    /// <value>Default 62.</value>
    public int RetentionDays { get; set; } = 62;

    /// <summary>How many combinations of day, consumer, route and status are counted apart; those beyond are counted as <c>(others)</c>. 100 to ten million.</summary>
    /// <value>Default 200 000, which are about 50 MB.</value>
    public int MaxEntries { get; set; } = 200_000;

    internal static void Read(ConfigurationReader reader, UsageOptions options)
    {
        options.Directory = reader.Text(nameof(Directory)) ?? options.Directory;
        options.FlushInterval = reader.Duration(nameof(FlushInterval)) ?? options.FlushInterval;
        options.FlushToDisk = reader.Boolean(nameof(FlushToDisk)) ?? options.FlushToDisk;
        options.RetentionDays = reader.Integer(nameof(RetentionDays)) ?? options.RetentionDays;
        options.MaxEntries = reader.Integer(nameof(MaxEntries)) ?? options.MaxEntries;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Directory is not null && string.IsNullOrWhiteSpace(Directory))
        {
            errors.Add($"{path}:{nameof(Directory)}", Directory, "the path of a folder");
        }

        if (FlushInterval < MinFlushInterval || FlushInterval > MaxFlushInterval)
        {
            errors.Add($"{path}:{nameof(FlushInterval)}", FlushInterval, "a duration from 10 milliseconds to a minute");
        }

        errors.CheckRange($"{path}:{nameof(RetentionDays)}", RetentionDays, 1, MaxRetentionDays);
        errors.CheckRange($"{path}:{nameof(MaxEntries)}", MaxEntries, 100, MostEntries);
    }
}
