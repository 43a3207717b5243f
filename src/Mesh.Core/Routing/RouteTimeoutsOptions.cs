using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>How long a rule's requests may take. Zero switches a limit off.</summary>
public sealed class RouteTimeoutsOptions
{
    /// <summary>For the whole request, retries included.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public TimeSpan? Request { get; set; }

    /// <summary>For one attempt at a backend; not above <see cref="Request"/>.</summary>
    /// <value>Default: what the service's own settings say.</value>
    public TimeSpan? BackendRequest { get; set; }

    internal static void Read(ConfigurationReader reader, RouteTimeoutsOptions options)
    {
        options.Request = reader.Duration(nameof(Request)) ?? options.Request;
        options.BackendRequest = reader.Duration(nameof(BackendRequest)) ?? options.BackendRequest;
    }
}
