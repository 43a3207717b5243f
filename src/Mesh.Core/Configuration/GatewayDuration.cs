using System.Globalization;

namespace Mesh.Configuration;

/// <summary>
/// A duration as the Gateway API writes it (GEP-2257): one to four groups of up to five digits and a unit of
/// <c>h</c>, <c>m</c>, <c>s</c>, <c>ms</c>: <c>10s</c>, <c>1h30m</c>, <c>500ms</c>, <c>0s</c>.
/// </summary>
public static class GatewayDuration
{
    private const int MaxGroups = 4;
    private const int MaxDigits = 5;

    /// <summary>Reads a duration; refuses signs, fractions, spaces and other units.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var groups = 0;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > MaxDigits || ++groups > MaxGroups)
            {
                return false;
            }

            var amount = int.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            text = text[digits..];
            var unit = text.IndexOfAnyInRange('0', '9');
            unit = unit < 0 ? text.Length : unit;
            long? milliseconds = text[..unit] switch
            {
                "h" => 3_600_000L * amount,
                "m" => 60_000L * amount,
                "s" => 1_000L * amount,
                "ms" => amount,
                _ => null,
            };
            if (milliseconds is null)
            {
                return false;
            }

            value += TimeSpan.FromMilliseconds(milliseconds.Value);
            text = text[unit..];
        }

        return groups > 0;
    }
}
