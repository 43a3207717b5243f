using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>Compiled faults. Shares are 0 to 1. Immutable.</summary>
public sealed class FaultPolicy
{
    private readonly double _delayCap;
    private readonly double _abortCap;
    private readonly double _bandwidthCap;

    private FaultPolicy(FaultOptions options, FaultAbort? abort, string path)
    {
        Path = path;
        FromHeaders = options.FromHeaders;
        _delayCap = (options.Delay?.Percent ?? 100) / 100;
        _abortCap = (options.Abort?.Percent ?? 100) / 100;
        _bandwidthCap = (options.Bandwidth?.Percent ?? 100) / 100;
        Delay = options.Delay?.FixedDelay;
        DelayShare = Delay is null ? 0 : _delayCap;
        Abort = abort;
        AbortShare = Abort is null ? 0 : _abortCap;
        BytesPerSecond = options.Bandwidth?.BytesPerSecond;
        BandwidthShare = BytesPerSecond is null ? 0 : _bandwidthCap;
    }

    private FaultPolicy(FaultPolicy policy, in FaultOrder order)
    {
        Path = policy.Path;
        _delayCap = policy._delayCap;
        _abortCap = policy._abortCap;
        _bandwidthCap = policy._bandwidthCap;
        Delay = order.Delay ?? policy.Delay;
        DelayShare = Delay is null ? 0 : Math.Min(_delayCap, order.DelayShare);
        Abort = order.Abort ?? policy.Abort;
        AbortShare = Abort is null ? 0 : Math.Min(_abortCap, order.AbortShare);
        BytesPerSecond = order.BytesPerSecond ?? policy.BytesPerSecond;
        BandwidthShare = BytesPerSecond is null ? 0 : Math.Min(_bandwidthCap, order.BandwidthShare);
    }

    /// <summary>Where it stands in the configuration.</summary>
    public string Path { get; }

    /// <summary>The delay, or <see langword="null"/>.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>The share of calls that are delayed; 0 without a delay.</summary>
    public double DelayShare { get; }

    /// <summary>What stands in for an answer, or <see langword="null"/>.</summary>
    public FaultAbort? Abort { get; }

    /// <summary>The share of calls that are aborted; 0 without an abort.</summary>
    public double AbortShare { get; }

    /// <summary>How fast a body comes, or <see langword="null"/>.</summary>
    public int? BytesPerSecond { get; }

    /// <summary>The share of responses whose bodies are slow; 0 without a bandwidth.</summary>
    public double BandwidthShare { get; }

    /// <summary>Whether requests may order faults for themselves.</summary>
    public bool FromHeaders { get; }

    /// <summary>Validates and compiles options. What is wrong goes to <paramref name="errors"/>; then the result is not to be used.</summary>
    /// <param name="options">The options.</param>
    /// <param name="path">Where they stand in the configuration.</param>
    /// <param name="errors">Takes every error with the path of its field.</param>
    public static FaultPolicy Compile(FaultOptions options, string path, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(errors);
        FaultCompiler.Check(options, path, errors);
        var abort = options.Abort is { } section ? FaultCompiler.Compile(section, $"{path}:{nameof(options.Abort)}", errors) : null;
        return new FaultPolicy(options, abort, path);
    }

    /// <summary>What holds for one request: this, or what the request orders where that is allowed.</summary>
    public FaultPolicy For<THeaders>(in THeaders headers)
        where THeaders : struct, IFaultHeaders =>
        FromHeaders && FaultOrder.TryRead(headers, out var order) ? new FaultPolicy(this, order) : this;
}
