using Mesh.Configuration;

namespace Mesh.Client.Ejection;

/// <summary>When an endpoint is taken out of rotation: section <c>Ejection</c> of a service. After Envoy's outlier detection.</summary>
public sealed class EjectionOptions
{
    /// <summary>Failures in a row, of answers or of connections, that eject an endpoint; 0 switches ejection off.</summary>
    /// <value>Default 5.</value>
    public int? ConsecutiveFailures { get; set; }

    /// <summary>How long the first ejection lasts; the n-th lasts n times as long.</summary>
    /// <value>Default 30 seconds.</value>
    public TimeSpan? BaseTime { get; set; }

    /// <summary>The longest ejection.</summary>
    /// <value>Default 5 minutes.</value>
    public TimeSpan? MaxTime { get; set; }

    /// <summary>The largest share of a service's endpoints that may be out at a time, in percent. One may always go, unless it is the only one.</summary>
    /// <value>Default 50.</value>
    public int? MaxPercent { get; set; }

    internal static void Read(ConfigurationReader reader, EjectionOptions options)
    {
        options.ConsecutiveFailures = reader.Integer(nameof(ConsecutiveFailures)) ?? options.ConsecutiveFailures;
        options.BaseTime = reader.Duration(nameof(BaseTime)) ?? options.BaseTime;
        options.MaxTime = reader.Duration(nameof(MaxTime)) ?? options.MaxTime;
        options.MaxPercent = reader.Integer(nameof(MaxPercent)) ?? options.MaxPercent;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(ConsecutiveFailures)}", ConsecutiveFailures, 0, 10_000);
        errors.CheckDuration($"{path}:{nameof(BaseTime)}", BaseTime);
        errors.CheckDuration($"{path}:{nameof(MaxTime)}", MaxTime);
        errors.CheckRange($"{path}:{nameof(MaxPercent)}", MaxPercent, 0, 100);
    }
}
