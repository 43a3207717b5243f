using Mesh.Configuration;

namespace Mesh.Gateway.Quotas;

/// <summary>How much each consumer of a plan may use in a longer time.</summary>
public sealed class QuotaOptions
{
    // Sums of some of them stay far away from the end of what a counter holds.
    private const double MaxLimit = 1e15;

    /// <summary>Its name in response fields and in the journal: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, unique in its plan. Quotas of one name share what was used when a consumer changes its plan.</summary>
    public string Name { get; set; } = "";

    /// <summary>How much may be used in a period: at least 1.</summary>
    public long Limit { get; set; }

    /// <summary>The time it is for.</summary>
    /// <value>Default <see cref="QuotaPeriod.Month"/>.</value>
    public QuotaPeriod Period { get; set; } = QuotaPeriod.Month;

    /// <summary>When it begins anew.</summary>
    /// <value>Default <see cref="QuotaWindow.Calendar"/>.</value>
    public QuotaWindow Window { get; set; }

    /// <summary>The time zone of the calendar, by its IANA name such as <c>Europe/Berlin</c>.</summary>
    /// <value>Default <c>UTC</c>.</value>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Shares it with the other gateways through the registered <see cref="Limits.IQuotaStore"/>, such as that of <c>AddMeshRedis()</c>.</summary>
    /// <value>Default <see langword="null"/>: each process counts for itself.</value>
    public SharedQuotaOptions? Shared { get; set; }

    internal static void Read(ConfigurationReader reader, QuotaOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Limit = reader.LongInteger(nameof(Limit)) ?? options.Limit;
        options.Period = reader.OneOf<QuotaPeriod>(nameof(Period)) ?? options.Period;
        options.Window = reader.OneOf<QuotaWindow>(nameof(Window)) ?? options.Window;
        options.TimeZone = reader.Text(nameof(TimeZone)) ?? options.TimeZone;
        options.Shared = reader.SectionOrNull(nameof(Shared), options.Shared, SharedQuotaOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Name.Length == 0 || !Name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
        {
            errors.Add($"{path}:{nameof(Name)}", Name, "letters, digits, '-', '_' and '.'");
        }

        errors.CheckRange($"{path}:{nameof(Limit)}", Limit, 1, MaxLimit);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            errors.Add($"{path}:{nameof(TimeZone)}", TimeZone, "the name of a time zone such as 'Europe/Berlin'");
        }

        Shared?.Validate($"{path}:{nameof(Shared)}", Limit, errors);
        if (Window == QuotaWindow.Rolling && TimeZone != "UTC")
        {
            errors.Add($"{path}:{nameof(TimeZone)}", TimeZone, $"nothing beside {nameof(QuotaWindow.Rolling)}: it knows no midnight");
        }
    }
}
