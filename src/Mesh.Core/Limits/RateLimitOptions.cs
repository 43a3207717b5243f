using Mesh.Configuration;

namespace Mesh.Limits;

/// <summary>
/// One rate limit: a token bucket per key that holds <see cref="Burst"/> tokens and gains <see cref="Limit"/> of them in each
/// <see cref="Window"/>, evenly. In any interval <c>t</c> no key gets more than <c>Burst + t × Limit / Window</c>.
/// </summary>
public sealed class RateLimitOptions
{
    private const double MaxPerSecond = 1_000_000;
    private const double MaxRefillSeconds = 366 * 86_400;

    /// <summary>Its name in response headers, metrics and logs: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, unique in its list.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it counts by.</summary>
    /// <value>Default <see cref="RateLimitPartition.Principal"/>.</value>
    public RateLimitPartition Partition { get; set; }

    /// <summary>How many requests may pass in a <see cref="Window"/>, in the long run: at least 1, at most a million per second.</summary>
    public int Limit { get; set; }

    /// <summary>The time that <see cref="Limit"/> is for: above 0 and up to 24 hours.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many requests may pass at once after a pause: at least 1.</summary>
    /// <value>Default <see langword="null"/>: <see cref="Limit"/>.</value>
    public int? Burst { get; set; }

    /// <summary>Reads one limit, as <see cref="ConfigurationReader.Sections{T}"/> calls it.</summary>
    public static void Read(ConfigurationReader reader, RateLimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Partition = reader.OneOf<RateLimitPartition>(nameof(Partition)) ?? options.Partition;
        options.Limit = reader.Integer(nameof(Limit)) ?? options.Limit;
        options.Window = reader.Duration(nameof(Window)) ?? options.Window;
        options.Burst = reader.Integer(nameof(Burst)) ?? options.Burst;
    }

    /// <summary>Checks a list of limits.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="path">The path of the list: <c>Mesh:Server:RateLimits</c>.</param>
    /// <param name="errors">Takes what is wrong, each with the path of its field.</param>
    public static void Validate(IReadOnlyList<RateLimitOptions> limits, string path, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(errors);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (var index = 0; index < limits.Count; index++)
        {
            var limit = limits[index];
            limit.Validate($"{path}:{index}", errors);
            if (!names.Add(limit.Name))
            {
                errors.Add($"{path}:{index}:{nameof(Name)}", limit.Name, "a name that no other limit of the list has");
            }
        }
    }

    /// <summary>Checks this limit alone.</summary>
    /// <param name="path">The path of its section.</param>
    /// <param name="errors">Takes what is wrong, each with the path of its field.</param>
    public void Validate(string path, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (Name.Length == 0 || !Name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
        {
            errors.Add($"{path}:{nameof(Name)}", Name, "letters, digits, '-', '_' and '.'");
        }

        if (Limit < 1 || (Window > TimeSpan.Zero && Limit / Window.TotalSeconds > MaxPerSecond))
        {
            errors.Add($"{path}:{nameof(Limit)}", Limit, "a whole number from 1 to a million per second");
        }

        errors.CheckDuration($"{path}:{nameof(Window)}", Window);
        if (Burst is < 1 || (Limit > 0 && Window > TimeSpan.Zero && (Burst ?? Limit) * (Window.TotalSeconds / Limit) > MaxRefillSeconds))
        {
            errors.Add($"{path}:{nameof(Burst)}", Burst, "a whole number from 1 to what a year refills");
        }
    }
}
