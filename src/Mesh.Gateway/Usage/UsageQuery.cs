using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Usage;

/// <summary>Which part of the usage somebody wants to read.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
/// <param name="Consumer">One consumer; <see langword="null"/> for all.</param>
/// <param name="Route">One route; <see langword="null"/> for all.</param>
internal sealed record UsageQuery(DateOnly From, DateOnly To, string? Consumer, string? Route)
{
    /// <summary>Reads it from the parameters <c>from</c>, <c>to</c>, <c>consumer</c> and <c>route</c>.</summary>
    /// <returns><see langword="false"/> when one is there twice or cannot be read.</returns>
    public static bool TryRead(IQueryCollection parameters, out UsageQuery query)
    {
        query = new UsageQuery(DateOnly.MinValue, DateOnly.MaxValue, Single(parameters, "consumer"), Single(parameters, "route"));
        if (!TryReadDay(parameters, "from", query.From, out var from) || !TryReadDay(parameters, "to", query.To, out var to))
        {
            return false;
        }

        query = query with { From = from, To = to };
        return parameters["consumer"].Count <= 1 && parameters["route"].Count <= 1;
    }

    public bool Takes(UsageKey key) =>
        key.Day >= From.DayNumber && key.Day <= To.DayNumber && (Consumer is null || key.Consumer == Consumer) && (Route is null || key.Route == Route);

    private static string? Single(IQueryCollection parameters, string name) => parameters[name] is { Count: > 0 } values ? values[0] : null;

    private static bool TryReadDay(IQueryCollection parameters, string name, DateOnly otherwise, out DateOnly day)
    {
        day = otherwise;
        return parameters[name].Count == 0
            || (parameters[name].Count == 1 && DateOnly.TryParseExact(parameters[name], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day));
    }
}
