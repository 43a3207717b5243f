using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>Validates faults.</summary>
internal static class FaultCompiler
{
    public static void Check(FaultOptions options, string path, ConfigurationErrors errors)
    {
        if (options is { Delay: null, Abort: null, Bandwidth: null, FromHeaders: false })
        {
            errors.Add(path, $"a fault needs a {nameof(options.Delay)}, an {nameof(options.Abort)}, a {nameof(options.Bandwidth)} or {nameof(options.FromHeaders)}.");
        }

        if (options.Delay is { } delay)
        {
            var delayPath = $"{path}:{nameof(options.Delay)}";
            CheckPresent(delay.FixedDelay, $"{delayPath}:{nameof(delay.FixedDelay)}", "a duration", errors);
            errors.CheckDuration($"{delayPath}:{nameof(delay.FixedDelay)}", delay.FixedDelay);
            errors.CheckRange($"{delayPath}:{nameof(delay.Percent)}", delay.Percent, 0, 100);
        }

        if (options.Bandwidth is { } bandwidth)
        {
            var bandwidthPath = $"{path}:{nameof(options.Bandwidth)}";
            CheckPresent(bandwidth.BytesPerSecond, $"{bandwidthPath}:{nameof(bandwidth.BytesPerSecond)}", "a number of bytes", errors);
            errors.CheckRange($"{bandwidthPath}:{nameof(bandwidth.BytesPerSecond)}", bandwidth.BytesPerSecond, 1, int.MaxValue);
            errors.CheckRange($"{bandwidthPath}:{nameof(bandwidth.Percent)}", bandwidth.Percent, 0, 100);
        }
    }

    public static FaultAbort? Compile(FaultAbortOptions abort, string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(abort.HttpStatus)}", abort.HttpStatus, 200, 599);
        errors.CheckRange($"{path}:{nameof(abort.Percent)}", abort.Percent, 0, 100);
        var grpc = !string.IsNullOrEmpty(abort.GrpcStatus);
        if ((abort.HttpStatus is null ? 0 : 1) + (grpc ? 1 : 0) + (abort.ConnectionError ? 1 : 0) != 1)
        {
            errors.Add(path, $"an abort needs one of {nameof(abort.HttpStatus)}, {nameof(abort.GrpcStatus)} and {nameof(abort.ConnectionError)}.");
        }

        if (abort.ConnectionError)
        {
            return new FaultAbort(FaultAbortKind.ConnectionError, 0);
        }

        if (!grpc)
        {
            return abort.HttpStatus is { } http ? new FaultAbort(FaultAbortKind.HttpStatus, http) : null;
        }

        if (!FaultAbort.TryParseGrpcStatus(abort.GrpcStatus!, out var status))
        {
            errors.Add($"{path}:{nameof(abort.GrpcStatus)}", abort.GrpcStatus, FaultAbort.GrpcStatusRule);
        }

        return new FaultAbort(FaultAbortKind.GrpcStatus, status);
    }

    private static void CheckPresent<T>(T? value, string path, string allowed, ConfigurationErrors errors)
        where T : struct
    {
        if (value is null)
        {
            errors.AddMissing(path, allowed);
        }
    }
}
