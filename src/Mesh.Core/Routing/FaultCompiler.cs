using System.Globalization;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates faults.</summary>
internal static class FaultCompiler
{
    // In the order of their numbers, from 1; OK is no fault.
    private static readonly string[] GrpcStatuses =
    [
        "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <returns>The number of the gRPC status, where there is one.</returns>
    public static int? Check(FaultOptions options, string path, ConfigurationErrors errors)
    {
        if (options is { Delay: null, Abort: null, Bandwidth: null, FromHeaders: false })
        {
            errors.Add(path, $"a fault needs a {nameof(options.Delay)}, an {nameof(options.Abort)}, a {nameof(options.Bandwidth)} or {nameof(options.FromHeaders)}.");
        }

        if (options.Delay is { } delay)
        {
            var delayPath = $"{path}:{nameof(options.Delay)}";
            CheckPresent(delay.FixedDelay is not null, $"{delayPath}:{nameof(delay.FixedDelay)}", "a delay", errors);
            errors.CheckDuration($"{delayPath}:{nameof(delay.FixedDelay)}", delay.FixedDelay);
            errors.CheckRange($"{delayPath}:{nameof(delay.Percent)}", delay.Percent, 0, 100);
        }

        if (options.Bandwidth is { } bandwidth)
        {
            var bandwidthPath = $"{path}:{nameof(options.Bandwidth)}";
            CheckPresent(bandwidth.BytesPerSecond is not null, $"{bandwidthPath}:{nameof(bandwidth.BytesPerSecond)}", "a bandwidth", errors);
            errors.CheckRange($"{bandwidthPath}:{nameof(bandwidth.BytesPerSecond)}", bandwidth.BytesPerSecond, 1, int.MaxValue);
            errors.CheckRange($"{bandwidthPath}:{nameof(bandwidth.Percent)}", bandwidth.Percent, 0, 100);
        }

        return options.Abort is { } abort ? Check(abort, $"{path}:{nameof(options.Abort)}", errors) : null;
    }

    private static int? Check(FaultAbortOptions abort, string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(abort.HttpStatus)}", abort.HttpStatus, 200, 599);
        errors.CheckRange($"{path}:{nameof(abort.Percent)}", abort.Percent, 0, 100);
        if (abort.HttpStatus is null == string.IsNullOrEmpty(abort.GrpcStatus))
        {
            errors.Add(path, $"an abort needs either {nameof(abort.HttpStatus)} or {nameof(abort.GrpcStatus)}.");
        }

        if (string.IsNullOrEmpty(abort.GrpcStatus))
        {
            return null;
        }

        if (int.TryParse(abort.GrpcStatus, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= GrpcStatuses.Length)
        {
            return number;
        }

        var index = Array.FindIndex(GrpcStatuses, name => name.Equals(abort.GrpcStatus.Replace('-', '_'), StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            errors.Add($"{path}:{nameof(abort.GrpcStatus)}", abort.GrpcStatus, $"a number from 1 to {GrpcStatuses.Length} or one of {string.Join(", ", GrpcStatuses)}");
        }

        return index + 1;
    }

    private static void CheckPresent(bool present, string path, string what, ConfigurationErrors errors)
    {
        if (!present)
        {
            errors.AddMissing(path, $"{what}: it is required");
        }
    }
}
