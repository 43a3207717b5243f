using Mesh.Configuration;

namespace Mesh.Limits;

/// <summary>
/// One rate limit. By default a token bucket per key that holds <see cref="Burst"/> tokens and gains <see cref="Limit"/> of them
/// in each <see cref="Window"/>, evenly: in any interval <c>t</c> no key gets more than <c>Burst + t × Limit / Window</c>.
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

    /// <summary>The name of the header field that <see cref="RateLimitPartition.Header"/> counts by.</summary>
    public string? Header { get; set; }

    /// <summary>The name of the claim that <see cref="RateLimitPartition.Claim"/> counts by; of a nested one <c>realm.roles</c>.</summary>
    public string? Claim { get; set; }

    /// <summary>The methods it is for, in any case.</summary>
    /// <value>Default none: all.</value>
    public List<string> Methods { get; set; } = [];

    /// <summary>The canonical paths it is for, in any case: whole, or with a trailing <c>*</c> for everything that begins so.</summary>
    /// <value>Default none: all.</value>
    public List<string> Paths { get; set; } = [];

    /// <summary>How it counts.</summary>
    /// <value>Default <see cref="RateLimitAlgorithm.Gcra"/>.</value>
    public RateLimitAlgorithm Algorithm { get; set; }

    /// <summary>How many tokens one request takes: at least 1, at most what may be taken at once.</summary>
    /// <value>Default 1.</value>
    public int Cost { get; set; } = 1;

    /// <summary>How many requests may pass in a <see cref="Window"/>, in the long run: at least 1, at most a million per second.</summary>
    public int Limit { get; set; }

    /// <summary>The time that <see cref="Limit"/> is for: above 0 and up to 24 hours.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many requests may pass at once after a pause: at least 1.</summary>
    /// <value>Default <see langword="null"/>: <see cref="Limit"/>.</value>
    public int? Burst { get; set; }

    /// <summary>Shares it among processes through an <see cref="IRateLimitStore"/>.</summary>
    /// <value>Default <see langword="null"/>: each process has its own.</value>
    public SharedRateLimitOptions? Shared { get; set; }

    /// <summary>Reads one limit, as <see cref="ConfigurationReader.Sections{T}"/> calls it.</summary>
    public static void Read(ConfigurationReader reader, RateLimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Partition = reader.OneOf<RateLimitPartition>(nameof(Partition)) ?? options.Partition;
        options.Header = reader.Text(nameof(Header)) ?? options.Header;
        options.Claim = reader.Text(nameof(Claim)) ?? options.Claim;
        options.Methods = reader.Texts(nameof(Methods)) ?? options.Methods;
        options.Paths = reader.Texts(nameof(Paths)) ?? options.Paths;
        options.Algorithm = reader.OneOf<RateLimitAlgorithm>(nameof(Algorithm)) ?? options.Algorithm;
        options.Cost = reader.Integer(nameof(Cost)) ?? options.Cost;
        options.Limit = reader.Integer(nameof(Limit)) ?? options.Limit;
        options.Window = reader.Duration(nameof(Window)) ?? options.Window;
        options.Burst = reader.Integer(nameof(Burst)) ?? options.Burst;
        options.Shared = reader.SectionOrNull(nameof(Shared), options.Shared, SharedRateLimitOptions.Read);
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

        if (Cost < 1 || Cost > Math.Max(1, Burst ?? Limit))
        {
            errors.Add($"{path}:{nameof(Cost)}", Cost, "a whole number from 1 to what may be taken at once");
        }

        Shared?.Validate($"{path}:{nameof(Shared)}", errors);
        ValidatePartition(path, errors);
        if (Algorithm == RateLimitAlgorithm.SlidingWindow)
        {
            ValidateWindow(path, errors);
        }
    }

    private void ValidatePartition(string path, ConfigurationErrors errors)
    {
        ValidateName(path, nameof(Header), Header, RateLimitPartition.Header, errors);
        ValidateName(path, nameof(Claim), Claim, RateLimitPartition.Claim, errors);
        if (Partition == RateLimitPartition.Route && Paths.Count == 0)
        {
            errors.AddMissing($"{path}:{nameof(Paths)}", "the paths that are counted apart");
        }

        for (var i = 0; i < Paths.Count; i++)
        {
            if (!Paths[i].StartsWith('/') || Paths[i].AsSpan(0, Math.Max(0, Paths[i].Length - 1)).Contains('*'))
            {
                errors.Add($"{path}:{nameof(Paths)}:{i}", Paths[i], "a path such as '/orders' or '/orders/*'");
            }
        }
    }

    private void ValidateName(string path, string field, string? name, RateLimitPartition partition, ConfigurationErrors errors)
    {
        if (Partition == partition && string.IsNullOrWhiteSpace(name))
        {
            errors.AddMissing($"{path}:{field}", $"the name of the {field.ToLowerInvariant()} to count by");
        }
        else if (Partition != partition && name is not null)
        {
            errors.Add($"{path}:{field}", name, $"nothing, unless {nameof(Partition)} is {partition}");
        }
    }

    private void ValidateWindow(string path, ConfigurationErrors errors)
    {
        if (Burst is not null)
        {
            errors.Add($"{path}:{nameof(Burst)}", Burst, $"nothing beside {nameof(RateLimitAlgorithm.SlidingWindow)}: all of {nameof(Limit)} may come at once");
        }

        if (Limit > SlidingWindowPace.MaxLimit)
        {
            errors.Add($"{path}:{nameof(Limit)}", Limit, $"up to {SlidingWindowPace.MaxLimit} for a {nameof(RateLimitAlgorithm.SlidingWindow)}");
        }

        if (Window < SlidingWindowPace.MinWindow)
        {
            errors.Add($"{path}:{nameof(Window)}", Window, $"at least {SlidingWindowPace.MinWindow.TotalMilliseconds:0} ms for a {nameof(RateLimitAlgorithm.SlidingWindow)}");
        }
    }
}
