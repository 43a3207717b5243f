using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A redirect; what is left out stays as it was asked for, the query always.</summary>
public sealed class RequestRedirectOptions
{
    /// <summary><c>http</c> or <c>https</c>.</summary>
    /// <value>Default: that of the request.</value>
    public string? Scheme { get; set; }

    /// <summary>The host name to go to.</summary>
    /// <value>Default: that of the request.</value>
    public string? Hostname { get; set; }

    /// <summary>The change to the path.</summary>
    /// <value>Default: none.</value>
    public PathRewriteOptions? Path { get; set; }

    /// <summary>The port to go to.</summary>
    /// <value>Default: the well-known one of <see cref="Scheme"/> where that is set, else that of the request.</value>
    public int? Port { get; set; }

    /// <summary>301, 302, 303, 307 or 308.</summary>
    /// <value>Default 302.</value>
    public int StatusCode { get; set; } = 302;

    internal static void Read(ConfigurationReader reader, RequestRedirectOptions options)
    {
        options.Scheme = reader.Text(nameof(Scheme)) ?? options.Scheme;
        options.Hostname = reader.Text(nameof(Hostname)) ?? options.Hostname;
        options.Port = reader.Integer(nameof(Port)) ?? options.Port;
        options.StatusCode = reader.Integer(nameof(StatusCode)) ?? options.StatusCode;
        options.Path = reader.SectionOrNull(nameof(Path), options.Path, PathRewriteOptions.Read);
    }
}
