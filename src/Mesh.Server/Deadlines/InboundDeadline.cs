using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.Server.Deadlines;

/// <summary>How long the caller of a request waits; infinite where nobody says.</summary>
/// <param name="Answer">Until the response begins.</param>
/// <param name="End">Until it is complete; never less than <paramref name="Answer"/>.</param>
/// <remarks>
/// A mesh client bounds the time until response headers, and a body only by its standing still: a long download must not
/// be cut after the time that an answer may take. gRPC and Envoy bound the whole call.
/// </remarks>
internal readonly record struct InboundDeadline(TimeSpan Answer, TimeSpan End)
{
    /// <summary>Nobody says how long.</summary>
    public static InboundDeadline None { get; } = new(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>What an authenticated caller's fields say. A field that cannot be read is as good as absent.</summary>
    public static InboundDeadline Read(IHeaderDictionary headers)
    {
        var end = Earliest(TimeSpan.MaxValue, headers[MeshHeaders.GrpcTimeout]);
        if (headers[MeshHeaders.EnvoyExpectedTimeout] is { Count: 1 } envoy
            && long.TryParse(envoy[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds < end.TotalMilliseconds)
        {
            end = TimeSpan.FromMilliseconds(milliseconds);
        }

        return new InboundDeadline(Infinite(Earliest(end, headers[MeshHeaders.Timeout])), Infinite(end));
    }

    /// <summary>This and a bound for the whole of the request, whichever is sooner.</summary>
    public InboundDeadline Within(TimeSpan? bound) =>
        bound is { } limit ? new InboundDeadline(Sooner(Answer, limit), Sooner(End, limit)) : this;

    private static TimeSpan Sooner(TimeSpan span, TimeSpan limit) => span == Timeout.InfiniteTimeSpan || limit < span ? limit : span;

    private static TimeSpan Infinite(TimeSpan remaining) => remaining == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : remaining;

    private static TimeSpan Earliest(TimeSpan current, StringValues field) =>
        field.Count == 1 && DeadlineHeader.TryParse(field[0], out var stated) && stated < current ? stated : current;
}
