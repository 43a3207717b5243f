using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Compiled faults. Shares are 0 to 1. Immutable.</summary>
public sealed class RouteFault
{
    private const string Production = "Production";

    private readonly string _path;
    private readonly bool _allowInProduction;

    private RouteFault(FaultOptions options, int? grpcStatus, string path)
    {
        Delay = options.Delay?.FixedDelay;
        DelayShare = (options.Delay?.Percent ?? 100) / 100;
        Status = options.Abort?.HttpStatus;
        GrpcStatus = grpcStatus;
        AbortShare = (options.Abort?.Percent ?? 100) / 100;
        BytesPerSecond = options.Bandwidth?.BytesPerSecond;
        BandwidthShare = (options.Bandwidth?.Percent ?? 100) / 100;
        FromHeaders = options.FromHeaders;
        _allowInProduction = options.AllowInProduction;
        _path = path;
    }

    /// <summary>The delay, or <see langword="null"/>.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>The share of calls that are delayed.</summary>
    public double DelayShare { get; }

    /// <summary>The status of an abort, or <see langword="null"/>.</summary>
    public int? Status { get; }

    /// <summary>The gRPC status of an abort, or <see langword="null"/>.</summary>
    public int? GrpcStatus { get; }

    /// <summary>The share of calls that are aborted.</summary>
    public double AbortShare { get; }

    /// <summary>How fast a body comes, or <see langword="null"/>.</summary>
    public int? BytesPerSecond { get; }

    /// <summary>The share of responses whose bodies are slow.</summary>
    public double BandwidthShare { get; }

    /// <summary>Whether requests may order faults for themselves.</summary>
    public bool FromHeaders { get; }

    /// <summary>Validates and compiles options. What is wrong goes to <paramref name="errors"/>; then the result is not to be used.</summary>
    /// <param name="options">The options.</param>
    /// <param name="path">Where they stand in the configuration.</param>
    /// <param name="errors">Takes every error with the path of its field.</param>
    public static RouteFault Compile(FaultOptions options, string path, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(errors);
        return new RouteFault(options, FaultCompiler.Check(options, path, errors), path);
    }

    /// <summary>Adds an error when the application runs in production, or nobody knows where, and the fault is not meant for that.</summary>
    /// <param name="environment">The name of the environment, or <see langword="null"/> where there is none.</param>
    /// <param name="errors">Takes the error.</param>
    public void CheckEnvironment(string? environment, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (!_allowInProduction && (environment is null || environment.Equals(Production, StringComparison.OrdinalIgnoreCase)))
        {
            errors.Add(
                _path,
                $"found a fault, which is refused in the environment '{environment ?? "unknown"}'; set {nameof(FaultOptions.AllowInProduction)} in the same section if that is meant.");
        }
    }
}
