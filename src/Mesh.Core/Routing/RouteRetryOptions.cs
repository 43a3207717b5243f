using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>When a rule's requests are repeated: the Gateway API's <c>retry</c>. What is left out is what the service's own settings say.</summary>
public sealed class RouteRetryOptions
{
    /// <summary>Statuses, 400 to 599, that are repeated, beside connection errors and time-outs of an attempt.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public List<int>? Codes { get; set; }

    /// <summary>How often at most, the first attempt not counted: 0 to 10.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public int? Attempts { get; set; }

    /// <summary>The shortest pause before a repetition.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public TimeSpan? Backoff { get; set; }

    internal static void Read(ConfigurationReader reader, RouteRetryOptions options)
    {
        options.Codes = reader.Integers(nameof(Codes)) ?? options.Codes;
        options.Attempts = reader.Integer(nameof(Attempts)) ?? options.Attempts;
        options.Backoff = reader.Duration(nameof(Backoff)) ?? options.Backoff;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Attempts)}", Attempts, 0, 10);
        errors.CheckDuration($"{path}:{nameof(Backoff)}", Backoff);
        for (var i = 0; i < Codes?.Count; i++)
        {
            if (Codes[i] is < 400 or > 599)
            {
                errors.Add($"{path}:{nameof(Codes)}:{i}", Codes[i], "a status from 400 to 599");
            }
        }
    }
}
