using Mesh.Configuration;

namespace Mesh.Server.LoadShedding;

/// <summary>How many requests are served at a time, and which are refused when there are more: section <c>Mesh:Server:LoadShedding</c>.</summary>
public sealed class LoadSheddingOptions
{
    private const int LargestLimit = 1_000_000;

    /// <summary>How the limit is found.</summary>
    /// <value>Default <see cref="SheddingAlgorithm.Off"/>.</value>
    public SheddingAlgorithm Algorithm { get; set; }

    /// <summary>The limit at first; with <see cref="SheddingAlgorithm.Fixed"/> for good.</summary>
    /// <value>Default 20.</value>
    public int InitialLimit { get; set; } = 20;

    /// <summary>The least the limit may become; also what the least latency is measured with.</summary>
    /// <value>Default 3.</value>
    public int MinLimit { get; set; } = 3;

    /// <summary>The most the limit may become.</summary>
    /// <value>Default 1000.</value>
    public int MaxLimit { get; set; } = 1000;

    /// <summary>How many requests may wait for their turn; 0 refuses at once. The most critical goes first.</summary>
    /// <value>Default 100.</value>
    public int QueueLength { get; set; } = 100;

    /// <summary>How long one may wait as long as the queue of its criticality empties now and then.</summary>
    /// <value>Default 50 milliseconds.</value>
    public TimeSpan QueueTime { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long one may wait once the queue of its criticality has not been empty for <see cref="QueueTime"/> (Nichols and Jacobson's CoDel, as Facebook's <c>folly</c> uses it).</summary>
    /// <value>Default 5 milliseconds.</value>
    public TimeSpan OverloadedQueueTime { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How late the thread pool may be before the limit is lowered, whatever the latency says; 0 switches that off.</summary>
    /// <value>Default 250 milliseconds.</value>
    public TimeSpan MaxThreadPoolDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The share of time the garbage collector may hold the process before the limit is lowered, in percent; 100 switches that off.</summary>
    /// <value>Default 50.</value>
    public int MaxGcPausePercent { get; set; } = 50;

    /// <summary>What holds for some of the paths; the first that matches counts.</summary>
    /// <value>Default none.</value>
    public List<LoadSheddingRouteOptions> Routes { get; set; } = [];

    internal static void Read(ConfigurationReader reader, LoadSheddingOptions options)
    {
        options.Algorithm = reader.OneOf<SheddingAlgorithm>(nameof(Algorithm)) ?? options.Algorithm;
        options.InitialLimit = reader.Integer(nameof(InitialLimit)) ?? options.InitialLimit;
        options.MinLimit = reader.Integer(nameof(MinLimit)) ?? options.MinLimit;
        options.MaxLimit = reader.Integer(nameof(MaxLimit)) ?? options.MaxLimit;
        options.QueueLength = reader.Integer(nameof(QueueLength)) ?? options.QueueLength;
        options.QueueTime = reader.Duration(nameof(QueueTime)) ?? options.QueueTime;
        options.OverloadedQueueTime = reader.Duration(nameof(OverloadedQueueTime)) ?? options.OverloadedQueueTime;
        options.MaxThreadPoolDelay = reader.Duration(nameof(MaxThreadPoolDelay)) ?? options.MaxThreadPoolDelay;
        options.MaxGcPausePercent = reader.Integer(nameof(MaxGcPausePercent)) ?? options.MaxGcPausePercent;
        options.Routes = reader.Sections<LoadSheddingRouteOptions>(nameof(Routes), LoadSheddingRouteOptions.Read) ?? options.Routes;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(MinLimit)}", MinLimit, 1, LargestLimit);
        errors.CheckRange($"{path}:{nameof(MaxLimit)}", MaxLimit, MinLimit, LargestLimit);
        errors.CheckRange($"{path}:{nameof(InitialLimit)}", InitialLimit, MinLimit, MaxLimit);
        errors.CheckRange($"{path}:{nameof(QueueLength)}", QueueLength, 0, LargestLimit);
        errors.CheckDuration($"{path}:{nameof(QueueTime)}", QueueTime);
        errors.CheckDuration($"{path}:{nameof(OverloadedQueueTime)}", OverloadedQueueTime);
        if (OverloadedQueueTime > QueueTime)
        {
            errors.Add($"{path}:{nameof(OverloadedQueueTime)}", OverloadedQueueTime, $"at most QueueTime, '{QueueTime}'");
        }

        if (MaxThreadPoolDelay != TimeSpan.Zero)
        {
            errors.CheckDuration($"{path}:{nameof(MaxThreadPoolDelay)}", MaxThreadPoolDelay);
        }

        errors.CheckRange($"{path}:{nameof(MaxGcPausePercent)}", MaxGcPausePercent, 1, 100);
        for (var i = 0; i < Routes.Count; i++)
        {
            Routes[i].Validate($"{path}:{nameof(Routes)}:{i}", errors);
        }
    }
}
