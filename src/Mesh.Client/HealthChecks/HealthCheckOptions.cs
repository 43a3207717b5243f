using Mesh.Configuration;

namespace Mesh.Client.HealthChecks;

/// <summary>Whether endpoints are asked how they are: section <c>HealthCheck</c> of a service. After Envoy's active health checking.</summary>
public sealed class HealthCheckOptions
{
    // The beat on which checks begin.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Whether the endpoints of the service are checked.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool? Enabled { get; set; }

    /// <summary>What they are asked with.</summary>
    /// <value>Default <see cref="HealthCheckProtocol.Http"/>.</value>
    public HealthCheckProtocol? Protocol { get; set; }

    /// <summary>The path, with a query where one is needed, that a check by HTTP asks for.</summary>
    /// <value>Default <c>/health</c>.</value>
    public string? Path { get; set; }

    /// <summary>The <c>Host</c> field of a check.</summary>
    /// <value>Default the name of the service.</value>
    public string? Host { get; set; }

    /// <summary>The statuses that pass a check by HTTP: numbers, or ranges like <c>200-299</c>.</summary>
    /// <value>Default <c>200-299</c>.</value>
    public List<string>? Statuses { get; set; }

    /// <summary>The service that a check by gRPC asks about.</summary>
    /// <value>Default empty: the server as a whole.</value>
    public string? GrpcService { get; set; }

    /// <summary>How often an endpoint is asked, 100 milliseconds to 1 hour.</summary>
    /// <value>Default 10 seconds.</value>
    public TimeSpan? Interval { get; set; }

    /// <summary>What is added to each interval at most, by chance, so that not all callers ask at the same moment.</summary>
    /// <value>Default a tenth of <see cref="Interval"/>.</value>
    public TimeSpan? MaxJitter { get; set; }

    /// <summary>How long an answer may take, a new connection included; up to 1 minute.</summary>
    /// <value>Default 2 seconds.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Checks passed in a row that bring an endpoint back.</summary>
    /// <value>Default 2.</value>
    public int? HealthyThreshold { get; set; }

    /// <summary>Checks failed in a row that take it out. The first check of an endpoint counts at once.</summary>
    /// <value>Default 3.</value>
    public int? UnhealthyThreshold { get; set; }

    /// <summary>How many endpoints of the service are asked at a time.</summary>
    /// <value>Default 16.</value>
    public int? MaxConcurrent { get; set; }

    internal static void Read(ConfigurationReader reader, HealthCheckOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.Protocol = reader.OneOf<HealthCheckProtocol>(nameof(Protocol)) ?? options.Protocol;
        options.Path = reader.Text(nameof(Path)) ?? options.Path;
        options.Host = reader.Text(nameof(Host)) ?? options.Host;
        options.Statuses = reader.Texts(nameof(Statuses)) ?? options.Statuses;
        options.GrpcService = reader.Text(nameof(GrpcService)) ?? options.GrpcService;
        options.Interval = reader.Duration(nameof(Interval)) ?? options.Interval;
        options.MaxJitter = reader.Duration(nameof(MaxJitter)) ?? options.MaxJitter;
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
        options.HealthyThreshold = reader.Integer(nameof(HealthyThreshold)) ?? options.HealthyThreshold;
        options.UnhealthyThreshold = reader.Integer(nameof(UnhealthyThreshold)) ?? options.UnhealthyThreshold;
        options.MaxConcurrent = reader.Integer(nameof(MaxConcurrent)) ?? options.MaxConcurrent;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Path is not null && !(Path.StartsWith('/') && !Path.AsSpan().ContainsAnyExceptInRange('!', '~') && !Path.Contains('#', StringComparison.Ordinal)))
        {
            errors.Add($"{path}:{nameof(Path)}", Path, "a path that begins with '/', without fragment and percent-encoded where needed");
        }

        if (Host is not null && Uri.CheckHostName(HostOf(Host)) == UriHostNameType.Unknown)
        {
            errors.Add($"{path}:{nameof(Host)}", Host, "a host name, with a port where one is needed");
        }

        for (var i = 0; i < Statuses?.Count; i++)
        {
            if (!StatusRange.TryParse(Statuses[i], out _))
            {
                errors.Add($"{path}:{nameof(Statuses)}:{i}", Statuses[i], "a status like 204, or a range like 200-299");
            }
        }

        if (GrpcService is not null && (GrpcService.Length > 255 || GrpcService.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            errors.Add($"{path}:{nameof(GrpcService)}", GrpcService, "the full name of a gRPC service, up to 255 characters");
        }

        CheckDuration(nameof(Interval), Interval, ShortestInterval, LongestInterval);
        CheckDuration(nameof(MaxJitter), MaxJitter, TimeSpan.Zero, LongestInterval);
        CheckDuration(nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(1), LongestTimeout);
        errors.CheckRange($"{path}:{nameof(HealthyThreshold)}", HealthyThreshold, 1, 1000);
        errors.CheckRange($"{path}:{nameof(UnhealthyThreshold)}", UnhealthyThreshold, 1, 1000);
        errors.CheckRange($"{path}:{nameof(MaxConcurrent)}", MaxConcurrent, 1, 1000);

        void CheckDuration(string name, TimeSpan? value, TimeSpan min, TimeSpan max)
        {
            if (value < min || value > max)
            {
                errors.Add($"{path}:{name}", value, $"a duration from {min} to {max}");
            }
        }
    }

    private static string HostOf(string host) => host.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(host.AsSpan(colon + 1), out _) ? host[..colon] : host;
}
