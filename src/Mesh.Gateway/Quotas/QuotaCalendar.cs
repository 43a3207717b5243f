namespace Mesh.Gateway.Quotas;

/// <summary>Cuts time into the windows of a quota. The window of this moment is kept: finding it means asking the time zone.</summary>
internal sealed class QuotaCalendar
{
    private static readonly TimeSpan DayPart = TimeSpan.FromHours(1);
    private static readonly TimeSpan WeekPart = TimeSpan.FromHours(6);
    private static readonly TimeSpan MonthPart = TimeSpan.FromDays(1);

    private readonly QuotaPeriod _period;
    private readonly TimeZoneInfo? _zone;
    private readonly TimeSpan _part;
    private volatile QuotaSpan? _span;

    /// <param name="period">The time the quota is for.</param>
    /// <param name="zone">Whose midnight counts; <see langword="null"/> for a rolling window.</param>
    public QuotaCalendar(QuotaPeriod period, TimeZoneInfo? zone)
    {
        _period = period;
        _zone = zone;
        _part = period switch
        {
            QuotaPeriod.Day => DayPart,
            QuotaPeriod.Week => WeekPart,
            _ => MonthPart,
        };
        Older = zone is null ? (int)(Length(period) / _part) : 0;
    }

    /// <summary>
    /// How many windows before the present one still count. For a rolling window they are as many as fit into the period: with
    /// the present one, which has just begun, no stretch as long as the period lies outside of them.
    /// </summary>
    public int Older { get; }

    /// <summary>How long a period is, of the calendar on the average.</summary>
    public static TimeSpan Length(QuotaPeriod period) => period switch
    {
        QuotaPeriod.Day => TimeSpan.FromDays(1),
        QuotaPeriod.Week => TimeSpan.FromDays(7),
        _ => TimeSpan.FromDays(30),
    };

    public QuotaSpan At(DateTimeOffset now)
    {
        if (_span is { } known && known.Contains(now))
        {
            return known;
        }

        var span = _zone is null ? PartAt(now) : DatesAt(now, _zone);
        _span = span;
        return span;
    }

    /// <summary>The first moment of a window.</summary>
    public DateTimeOffset StartOf(long id) => _zone is null ? new DateTimeOffset(id * _part.Ticks, TimeSpan.Zero) : Midnight(FirstDay(id), _zone);

    private QuotaSpan PartAt(DateTimeOffset now)
    {
        var id = now.UtcTicks / _part.Ticks;
        return new QuotaSpan(id, StartOf(id), StartOf(id + 1));
    }

    private QuotaSpan DatesAt(DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        var id = _period switch
        {
            QuotaPeriod.Day => today.DayNumber,

            // Day 0, the first of January of the year 1, was a Monday.
            QuotaPeriod.Week => today.DayNumber / 7,
            _ => (today.Year * 12) + today.Month - 1,
        };
        return new QuotaSpan(id, StartOf(id), StartOf(id + 1));
    }

    private DateOnly FirstDay(long id) => _period switch
    {
        QuotaPeriod.Day => DateOnly.FromDayNumber((int)id),
        QuotaPeriod.Week => DateOnly.FromDayNumber((int)id * 7),
        _ => new DateOnly((int)(id / 12), (int)(id % 12) + 1, 1),
    };

    // A day begins once: where clocks are put back over midnight at the first of the two, and where they are put forward over
    // it when they are. Then there is no such time, and the offset of standard time, which is what is said for it, gives that moment.
    private static DateTimeOffset Midnight(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local.Ticks - offset.Ticks, TimeSpan.Zero);
    }
}
