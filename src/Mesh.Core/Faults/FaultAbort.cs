using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mesh.Faults;

/// <summary>What is given in place of an answer.</summary>
/// <param name="Kind">Of what kind it is.</param>
/// <param name="Status">The HTTP or gRPC status; 0 for <see cref="FaultAbortKind.ConnectionError"/>.</param>
public sealed record FaultAbort(FaultAbortKind Kind, int Status)
{
    private const string GrpcPrefix = "grpc:";
    private const string Connection = "connection";

    // In the order of their numbers, from 1; OK is no fault.
    private static readonly string[] GrpcStatuses =
    [
        "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    internal static string GrpcStatusRule => $"a number from 1 to {GrpcStatuses.Length} or one of {string.Join(", ", GrpcStatuses)}";

    /// <summary>Reads what a header field orders: <c>503</c>, <c>grpc:UNAVAILABLE</c>, <c>grpc:14</c> or <c>connection</c>.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out FaultAbort? abort)
    {
        abort = null;
        if (text.Equals(Connection, StringComparison.OrdinalIgnoreCase))
        {
            abort = new FaultAbort(FaultAbortKind.ConnectionError, 0);
        }
        else if (text.StartsWith(GrpcPrefix, StringComparison.OrdinalIgnoreCase))
        {
            abort = TryParseGrpcStatus(text[GrpcPrefix.Length..], out var status) ? new FaultAbort(FaultAbortKind.GrpcStatus, status) : null;
        }
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 200 and <= 599)
        {
            abort = new FaultAbort(FaultAbortKind.HttpStatus, status);
        }

        return abort is not null;
    }

    internal static bool TryParseGrpcStatus(string text, out int status)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status))
        {
            return status >= 1 && status <= GrpcStatuses.Length;
        }

        status = 1 + Array.FindIndex(GrpcStatuses, name => name.Equals(text.Replace('-', '_'), StringComparison.OrdinalIgnoreCase));
        return status > 0;
    }
}
