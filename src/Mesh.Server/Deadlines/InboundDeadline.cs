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
    /// <summary>A bound for the whole of a request.</summary>
    public static InboundDeadline Of(TimeSpan? bound) => new(bound ?? Timeout.InfiniteTimeSpan, bound ?? Timeout.InfiniteTimeSpan);

    /// <summary>
    /// The earliest of what an authenticated caller's fields and this service's own bound say. A field that cannot be read
    /// is as good as absent.
    /// </summary>
    public static InboundDeadline Read(IHeaderDictionary headers, TimeSpan? bound)
    {
        var end = Earliest(bound ?? TimeSpan.MaxValue, headers[MeshHeaders.GrpcTimeout]);
        if (headers[MeshHeaders.EnvoyExpectedTimeout] is { Count: 1 } envoy
            && long.TryParse(envoy[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds < end.TotalMilliseconds)
        {
            end = TimeSpan.FromMilliseconds(milliseconds);
        }

        return new InboundDeadline(Infinite(Earliest(end, headers[MeshHeaders.Timeout])), Infinite(end));
    }

    private static TimeSpan Infinite(TimeSpan remaining) => remaining == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : remaining;

    private static TimeSpan Earliest(TimeSpan current, StringValues field) =>
        field.Count == 1 && DeadlineHeader.TryParse(field[0], out var stated) && stated < current ? stated : current;
}
