using System.Globalization;

namespace Mesh.Tool;

/// <summary>Text for a terminal.</summary>
internal static class TerminalText
{
    /// <summary>The text without control characters: what stands in a stranger's certificate must not steer the terminal.</summary>
    public static string Clean(string text) => text.Any(char.IsControl)
        ? string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        })
        : text;

    /// <summary>A span of time in its two greatest units.</summary>
    public static string Span(TimeSpan span) => span.Duration() switch
    {
        { TotalDays: >= 2 } days => string.Create(CultureInfo.InvariantCulture, $"{(int)days.TotalDays} d {days.Hours} h"),
        { TotalHours: >= 1 } hours => string.Create(CultureInfo.InvariantCulture, $"{(int)hours.TotalHours} h {hours.Minutes} min"),
        { TotalMinutes: >= 1 } minutes => string.Create(CultureInfo.InvariantCulture, $"{minutes.Minutes} min {minutes.Seconds} s"),
        var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds.Seconds} s"),
    };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
