using System.Globalization;
using CsCheck;
using Mesh.Gateway.Quotas;

namespace Mesh.Gateway.Tests.Quotas;

public sealed class QuotaCalendarTests
{
    [TestCase(QuotaPeriod.Day, "UTC", "2028-02-28T12:00:00Z", "2028-02-28T00:00:00Z", "2028-02-29T00:00:00Z", TestName = "leap year, the day before")]
    [TestCase(QuotaPeriod.Day, "UTC", "2028-02-29T23:59:59Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z", TestName = "leap day")]
    [TestCase(QuotaPeriod.Month, "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z", TestName = "leap month")]
    [TestCase(QuotaPeriod.Month, "UTC", "2027-02-28T23:59:59Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z", TestName = "short month")]
    [TestCase(QuotaPeriod.Month, "UTC", "2027-12-31T23:59:59Z", "2027-12-01T00:00:00Z", "2028-01-01T00:00:00Z", TestName = "end of the year")]
    [TestCase(QuotaPeriod.Week, "UTC", "2027-01-03T23:59:59Z", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z", TestName = "a week over the end of the year")]
    [TestCase(QuotaPeriod.Week, "UTC", "2027-01-04T00:00:00Z", "2027-01-04T00:00:00Z", "2027-01-11T00:00:00Z", TestName = "Monday")]
    [TestCase(QuotaPeriod.Month, "Europe/Berlin", "2027-01-31T23:30:00Z", "2027-01-31T23:00:00Z", "2027-02-28T23:00:00Z", TestName = "midnight in Berlin")]
    [TestCase(QuotaPeriod.Day, "Europe/Berlin", "2027-03-28T12:00:00Z", "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", TestName = "a day of 23 hours")]
    [TestCase(QuotaPeriod.Day, "Europe/Berlin", "2027-10-31T12:00:00Z", "2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z", TestName = "a day of 25 hours")]
    [TestCase(QuotaPeriod.Day, "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", TestName = "a day without midnight")]
    [TestCase(QuotaPeriod.Day, "America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", TestName = "the day before one without midnight")]
    [TestCase(QuotaPeriod.Day, "America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z", TestName = "an hour before midnight, twice")]
    [TestCase(QuotaPeriod.Day, "America/Havana", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", TestName = "midnight twice")]
    [TestCase(QuotaPeriod.Day, "Pacific/Kiritimati", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z", TestName = "14 hours ahead")]
    public void At_Calendar_IsTheLocalDate(QuotaPeriod period, string zone, string now, string start, string end)
    {
        var span = new QuotaCalendar(period, TimeZoneInfo.FindSystemTimeZoneById(zone)).At(Parse(now));
        Assert.Multiple(() =>
        {
            Assert.That(span.Start, Is.EqualTo(Parse(start)));
            Assert.That(span.End, Is.EqualTo(Parse(end)));
        });
    }

    [Test]
    public void At_AnyMoment_WindowsFollowOnEachOther([Values] QuotaPeriod period, [Values("UTC", "Europe/Berlin", "America/Havana", "America/Sao_Paulo", "Australia/Lord_Howe", "")] string zone)
    {
        var calendar = new QuotaCalendar(period, zone.Length == 0 ? null : TimeZoneInfo.FindSystemTimeZoneById(zone));
        var first = Parse("2010-01-01T00:00:00Z");
        Gen.Long[0, TimeSpan.FromDays(20 * 365).Ticks].Sample(
            ticks =>
            {
                var span = calendar.At(first.AddTicks(ticks));
                var next = calendar.At(span.End);
                Assert.That(span.Contains(first.AddTicks(ticks)));
                Assert.That(next.Id, Is.EqualTo(span.Id + 1));
                Assert.That(next.Start, Is.EqualTo(span.End));
                Assert.That(calendar.At(span.End.AddTicks(-1)).Id, Is.EqualTo(span.Id));
                Assert.That(calendar.StartOf(span.Id), Is.EqualTo(span.Start));
            },
            iter: 300);
    }

    [TestCase(QuotaPeriod.Day, 24)]
    [TestCase(QuotaPeriod.Week, 28)]
    [TestCase(QuotaPeriod.Month, 30)]
    public void Older_Rolling_CoversThePeriod(QuotaPeriod period, int parts)
    {
        var calendar = new QuotaCalendar(period, null);
        var span = calendar.At(Parse("2027-05-05T05:05:05Z"));
        Assert.That(calendar.Older, Is.EqualTo(parts));
        Assert.That((span.End - span.Start) * parts, Is.EqualTo(QuotaCalendar.Length(period)));
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
