using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mesh.Gateway.Usage;

/// <summary>Writes usage for people and for other programs, ordered by day, consumer, route and status.</summary>
internal static class UsageReport
{
    // What a spreadsheet takes for the beginning of a formula.
    private static readonly SearchValues<char> Formula = SearchValues.Create("=+-@\t\r");
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static List<UsageCounter> Select(UsageLedger usage, UsageQuery query) =>
        [.. usage.Counters
            .Where(counter => query.Takes(counter.Key))
            .OrderBy(static counter => counter.Key.Day)
            .ThenBy(static counter => counter.Key.Consumer, StringComparer.Ordinal)
            .ThenBy(static counter => counter.Key.Route, StringComparer.Ordinal)
            .ThenBy(static counter => counter.Key.Status)];

    public static byte[] ToJson(IReadOnlyCollection<UsageCounter> rows)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("usage");
            foreach (var row in rows)
            {
                writer.WriteStartObject();
                writer.WriteString("day", DayOf(row));
                writer.WriteString("consumer", row.Key.Consumer);
                writer.WriteString("route", row.Key.Route);
                writer.WriteNumber("status", row.Key.Status);
                writer.WriteString("class", ClassOf(row));
                writer.WriteNumber("requests", row.Requests);
                writer.WriteNumber("cost", row.Cost);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>RFC 4180, with the names of the columns in the first line.</summary>
    public static byte[] ToCsv(IReadOnlyCollection<UsageCounter> rows)
    {
        var text = new StringBuilder("day,consumer,route,status,class,requests,cost\r\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{DayOf(row)},{Escape(row.Key.Consumer)},{Escape(row.Key.Route)},{row.Key.Status},{ClassOf(row)},{row.Requests},{row.Cost}\r\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string DayOf(UsageCounter row) => DateOnly.FromDayNumber(row.Key.Day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string ClassOf(UsageCounter row) => string.Create(CultureInfo.InvariantCulture, $"{row.Key.Status / 100}xx");

    private static string Escape(string text)
    {
        if (text.Length > 0 && Formula.Contains(text[0]))
        {
            text = $"'{text}";
        }

        return text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
