using Mesh.Configuration;
using Mesh.Limits;

namespace Mesh.Gateway.Consumers;

/// <summary>How fast each consumer of a plan may be. The fields mean what they mean in <see cref="RateLimitOptions"/>.</summary>
public sealed class PlanRateLimitOptions
{
    /// <summary>Its name in response fields, metrics and logs: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, unique in its plan.</summary>
    public string Name { get; set; } = "";

    /// <summary>How it counts.</summary>
    /// <value>Default <see cref="RateLimitAlgorithm.Gcra"/>.</value>
    public RateLimitAlgorithm Algorithm { get; set; }

    /// <summary>How much may pass in a <see cref="Window"/>, in the long run: at least 1, at most a million per second.</summary>
    public int Limit { get; set; }

    /// <summary>The time that <see cref="Limit"/> is for: above 0 and up to 24 hours.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How much may pass at once after a pause: at least 1.</summary>
    /// <value>Default <see langword="null"/>: <see cref="Limit"/>.</value>
    public int? Burst { get; set; }

    internal static void Read(ConfigurationReader reader, PlanRateLimitOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Algorithm = reader.OneOf<RateLimitAlgorithm>(nameof(Algorithm)) ?? options.Algorithm;
        options.Limit = reader.Integer(nameof(Limit)) ?? options.Limit;
        options.Window = reader.Duration(nameof(Window)) ?? options.Window;
        options.Burst = reader.Integer(nameof(Burst)) ?? options.Burst;
    }

    internal RateLimitOptions ToLimit() => new() { Name = Name, Algorithm = Algorithm, Limit = Limit, Window = Window, Burst = Burst };
}
