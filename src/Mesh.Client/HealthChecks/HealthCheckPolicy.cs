namespace Mesh.Client.HealthChecks;

/// <summary>The compiled form of <see cref="HealthCheckOptions"/>.</summary>
internal sealed record HealthCheckPolicy
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);
    private static readonly StatusRange[] DefaultStatuses = [new(200, 299)];

    public HealthCheckProtocol Protocol { get; init; }

    public required string Path { get; init; }

    /// <summary>The <c>Host</c> field, or <see langword="null"/> for the name of the service.</summary>
    public string? Host { get; init; }

    public required StatusRange[] Statuses { get; init; }

    public required string GrpcService { get; init; }

    public required TimeSpan Interval { get; init; }

    public required TimeSpan MaxJitter { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required int HealthyThreshold { get; init; }

    public required int UnhealthyThreshold { get; init; }

    public required int MaxConcurrent { get; init; }

    /// <summary>What holds for a service, or <see langword="null"/> where it is not checked.</summary>
    public static HealthCheckPolicy? Compile(HealthCheckOptions options, HealthCheckOptions defaults)
    {
        if ((options.Enabled ?? defaults.Enabled) != true)
        {
            return null;
        }

        var interval = options.Interval ?? defaults.Interval ?? DefaultInterval;
        return new HealthCheckPolicy
        {
            Protocol = options.Protocol ?? defaults.Protocol ?? default,
            Path = options.Path ?? defaults.Path ?? "/health",
            Host = options.Host ?? defaults.Host,
            Statuses = (options.Statuses ?? defaults.Statuses)?.ConvertAll(Parse).ToArray() ?? DefaultStatuses,
            GrpcService = options.GrpcService ?? defaults.GrpcService ?? "",
            Interval = interval,
            MaxJitter = options.MaxJitter ?? defaults.MaxJitter ?? interval / 10,
            Timeout = options.Timeout ?? defaults.Timeout ?? TimeSpan.FromSeconds(2),
            HealthyThreshold = options.HealthyThreshold ?? defaults.HealthyThreshold ?? 2,
            UnhealthyThreshold = options.UnhealthyThreshold ?? defaults.UnhealthyThreshold ?? 3,
            MaxConcurrent = options.MaxConcurrent ?? defaults.MaxConcurrent ?? 16,
        };
    }

    // What cannot be read is among the errors of the same reading, which is then not used.
    private static StatusRange Parse(string text) => StatusRange.TryParse(text, out var range) ? range : default;
}
