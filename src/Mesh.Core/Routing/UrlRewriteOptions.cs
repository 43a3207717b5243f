using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Changes to the URL a backend sees.</summary>
public sealed class UrlRewriteOptions
{
    /// <summary>The host name the backend sees.</summary>
    /// <value>Default: that of the backend's service.</value>
    public string? Hostname { get; set; }

    /// <summary>The change to the path.</summary>
    /// <value>Default: none.</value>
    public PathRewriteOptions? Path { get; set; }

    internal static void Read(ConfigurationReader reader, UrlRewriteOptions options)
    {
        options.Hostname = reader.Text(nameof(Hostname)) ?? options.Hostname;
        var path = options.Path ?? new PathRewriteOptions();
        if (reader.Section(nameof(Path), path, PathRewriteOptions.Read))
        {
            options.Path = path;
        }
    }
}
