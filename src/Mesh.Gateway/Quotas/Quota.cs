using System.Globalization;

namespace Mesh.Gateway.Quotas;

/// <summary>A compiled <see cref="QuotaOptions"/>.</summary>
internal sealed class Quota
{
    private readonly QuotaCalendar _calendar;

    /// <param name="options">Options that are valid.</param>
    public Quota(QuotaOptions options)
    {
        Name = options.Name;
        Limit = options.Limit;
        Period = options.Period;
        Window = options.Window;
        Shared = options.Shared;
        Slice = options.Shared is null ? 0 : options.Shared.Slice ?? Math.Max(1, Limit / SharedQuotaOptions.SlicesInLimit);
        _calendar = new QuotaCalendar(Period, Window == QuotaWindow.Rolling ? null : TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone));
        PolicyItem = string.Create(CultureInfo.InvariantCulture, $"\"{Name}\";q={Limit};w={(long)QuotaCalendar.Length(Period).TotalSeconds}");
    }

    public string Name { get; }

    public long Limit { get; }

    public QuotaPeriod Period { get; }

    public QuotaWindow Window { get; }

    /// <summary>How it is shared; <see langword="null"/> when it is not.</summary>
    public SharedQuotaOptions? Shared { get; }

    /// <summary>How much of it is claimed ahead at most.</summary>
    public long Slice { get; }

    /// <summary>How many windows before the present one still count.</summary>
    public int Older => _calendar.Older;

    /// <summary>How <c>RateLimit-Policy</c> writes it.</summary>
    public string PolicyItem { get; }

    public QuotaSpan SpanAt(DateTimeOffset now) => _calendar.At(now);

    public DateTimeOffset StartOf(long window) => _calendar.StartOf(window);

    public QuotaKey KeyOf(string consumer) => new(consumer, Name, Period, Window);
}
