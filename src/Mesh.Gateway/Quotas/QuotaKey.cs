namespace Mesh.Gateway.Quotas;

/// <summary>
/// Whose use of which quota is counted. Neither plan nor limit is part of it, so that what was used stays used when they change;
/// windows of another kind have other numbers, and what was counted in them would mean nothing.
/// </summary>
internal readonly record struct QuotaKey(string Consumer, string Quota, QuotaPeriod Period, QuotaWindow Window)
{
    /// <summary>How stores of several processes call it: only the consumer's name, which is in front, may have any characters.</summary>
    public string Text => $"{Consumer}\n{Quota}\n{Period}\n{Window}";

    /// <summary>Whether what was counted in a window, as the present one, is past in every time zone.</summary>
    public bool IsPast(long window, DateTimeOffset now)
    {
        // The numbers do not depend on the zone by more than one.
        var calendar = new QuotaCalendar(Period, Window == QuotaWindow.Rolling ? null : TimeZoneInfo.Utc);
        return window + calendar.Older + 1 < calendar.At(now).Id;
    }
}
