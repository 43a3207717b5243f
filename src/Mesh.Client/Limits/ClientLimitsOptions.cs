using Mesh.Configuration;

namespace Mesh.Client.Limits;

/// <summary>How much this process may ask of a service at a time: section <c>Limits</c> of a service. What is left out has no limit.</summary>
public sealed class ClientLimitsOptions
{
    private const int Most = 1_000_000;

    /// <summary>Calls of the service at a time, from their begin to the response headers of their last attempt.</summary>
    /// <value>Default: no limit.</value>
    public int? MaxActive { get; set; }

    /// <summary>Calls that may wait until one of <see cref="MaxActive"/> ends, each within its own deadline; others are refused at once.</summary>
    /// <value>Default 0.</value>
    public int? MaxPending { get; set; }

    /// <summary>Attempts at one endpoint at a time, until response headers. An endpoint that has so many is passed over.</summary>
    /// <value>Default: no limit.</value>
    public int? MaxActivePerEndpoint { get; set; }

    /// <summary>
    /// Connections to one endpoint. Where they carry one request at a time (HTTP/1.1), an endpoint with so many attempts is passed
    /// over too.
    /// </summary>
    /// <value>Default: no limit.</value>
    public int? MaxConnectionsPerEndpoint { get; set; }

    internal static void Read(ConfigurationReader reader, ClientLimitsOptions options)
    {
        options.MaxActive = reader.Integer(nameof(MaxActive)) ?? options.MaxActive;
        options.MaxPending = reader.Integer(nameof(MaxPending)) ?? options.MaxPending;
        options.MaxActivePerEndpoint = reader.Integer(nameof(MaxActivePerEndpoint)) ?? options.MaxActivePerEndpoint;
        options.MaxConnectionsPerEndpoint = reader.Integer(nameof(MaxConnectionsPerEndpoint)) ?? options.MaxConnectionsPerEndpoint;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(MaxActive)}", MaxActive, 1, Most);
        errors.CheckRange($"{path}:{nameof(MaxPending)}", MaxPending, 0, Most);
        errors.CheckRange($"{path}:{nameof(MaxActivePerEndpoint)}", MaxActivePerEndpoint, 1, Most);
        errors.CheckRange($"{path}:{nameof(MaxConnectionsPerEndpoint)}", MaxConnectionsPerEndpoint, 1, Most);
    }
}
