using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.Server.Deadlines;

/// <summary>Reads how long an authenticated caller waits. A field that cannot be read is as good as absent.</summary>
internal static class InboundDeadline
{
    /// <summary>The earliest of what the caller's fields and this service's own bound say; infinite when none does.</summary>
    public static TimeSpan Read(IHeaderDictionary headers, TimeSpan? bound)
    {
        var remaining = bound ?? TimeSpan.MaxValue;
        remaining = Earliest(remaining, headers[MeshHeaders.Timeout]);
        remaining = Earliest(remaining, headers[MeshHeaders.GrpcTimeout]);
        if (headers[MeshHeaders.EnvoyExpectedTimeout] is { Count: 1 } envoy
            && long.TryParse(envoy[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds < remaining.TotalMilliseconds)
        {
            remaining = TimeSpan.FromMilliseconds(milliseconds);
        }

        return remaining == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : remaining;
    }

    private static TimeSpan Earliest(TimeSpan current, StringValues field) =>
        field.Count == 1 && DeadlineHeader.TryParse(field[0], out var stated) && stated < current ? stated : current;
}
