using System.Globalization;

namespace Mesh;

/// <summary>
/// Time that remains, as it travels: <c>grpc-timeout</c> syntax (gRPC over HTTP/2, "Timeout"), which
/// <see cref="MeshHeaders.Timeout"/> shares: one to eight digits and a unit of <c>H M S m u n</c>.
/// </summary>
public static class DeadlineHeader
{
    private const int MaxDigits = 8;
    private const long MaxValue = 99_999_999;

    /// <summary>Reads a value such as <c>1500m</c>; refuses everything else, signs and spaces included.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, out TimeSpan remaining)
    {
        remaining = default;
        if (value.Length is < 2 or > MaxDigits + 1
            || !long.TryParse(value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return false;
        }

        TimeSpan? unit = value[^1] switch
        {
            'H' => TimeSpan.FromHours(1),
            'M' => TimeSpan.FromMinutes(1),
            'S' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMilliseconds(1),
            'u' => TimeSpan.FromMicroseconds(1),
            'n' => TimeSpan.Zero,
            _ => null,
        };
        if (unit is null)
        {
            return false;
        }

        // A tick is 100 ns: nanoseconds are the one unit that is not a whole number of ticks.
        remaining = value[^1] == 'n'
            ? TimeSpan.FromTicks(amount / TimeSpan.NanosecondsPerTick)
            : TimeSpan.FromTicks(amount * unit.Value.Ticks);
        return true;
    }

    /// <summary>
    /// Writes <paramref name="remaining"/> in the finest unit of milliseconds or above that fits eight digits, rounded
    /// down so that a hop never promises more time than it has. Less than one millisecond is written in microseconds.
    /// </summary>
    public static string Format(TimeSpan remaining)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(remaining, TimeSpan.Zero);
        var milliseconds = remaining.Ticks / TimeSpan.TicksPerMillisecond;
        return milliseconds switch
        {
            0 => Format(remaining.Ticks / TimeSpan.TicksPerMicrosecond, 'u'),
            <= MaxValue => Format(milliseconds, 'm'),
            <= MaxValue * 1000 => Format(milliseconds / 1000, 'S'),
            _ => Format(Math.Min(MaxValue, milliseconds / 3_600_000), 'H'),
        };

        static string Format(long amount, char unit) => string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");
    }
}
