using System.Globalization;

namespace Mesh.Client.HealthChecks;

/// <summary>The statuses from one to another, both included.</summary>
internal readonly record struct StatusRange(int From, int To)
{
    /// <summary>Reads <c>204</c> or <c>200-299</c>.</summary>
    public static bool TryParse(string text, out StatusRange range)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var isRead = TryRead(dash < 0 ? text : text.AsSpan(0, dash), out var from) & TryRead(text.AsSpan(dash + 1), out var to);
        range = new StatusRange(from, to);
        return isRead && from <= to;
    }

    public bool Contains(int status) => status >= From && status <= To;

    private static bool TryRead(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 100 and <= 599;
}
