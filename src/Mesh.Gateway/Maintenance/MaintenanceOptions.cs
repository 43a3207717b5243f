using Mesh.Configuration;

namespace Mesh.Gateway.Maintenance;

/// <summary>What is closed for the time being: section <c>Mesh:Gateway:Maintenance</c>.</summary>
public sealed class MaintenanceOptions
{
    /// <summary>Whether the whole gateway is closed; the application's own endpoints, such as probes, stay open.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool Enabled { get; set; }

    /// <summary>The names of the routes that are closed.</summary>
    /// <value>Default: empty.</value>
    public List<string> Routes { get; set; } = [];

    /// <summary>When callers are told to come again.</summary>
    /// <value>Default 5 minutes.</value>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The addresses and blocks (<c>10.0.0.0/8</c>) to which everything is open all the same.</summary>
    /// <value>Default: empty.</value>
    public List<string> Allow { get; set; } = [];

    internal static void Read(ConfigurationReader reader, MaintenanceOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? options.Enabled;
        options.Routes = reader.Texts(nameof(Routes)) ?? options.Routes;
        options.RetryAfter = reader.Duration(nameof(RetryAfter)) ?? options.RetryAfter;
        options.Allow = reader.Texts(nameof(Allow)) ?? options.Allow;
    }
}
