using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Conditions on a request, all of which must hold.</summary>
public sealed class RouteMatchOptions
{
    /// <summary>The path.</summary>
    /// <value>Default: every path.</value>
    public PathMatchOptions? Path { get; set; }

    /// <summary>Header fields. Of several with the same name only the first counts.</summary>
    public List<HeaderMatchOptions> Headers { get; set; } = [];

    /// <summary>Query parameters. Of several with the same name only the first counts.</summary>
    public List<QueryParamMatchOptions> QueryParams { get; set; } = [];

    /// <summary>The method, in upper case.</summary>
    /// <value>Default: every method.</value>
    public string? Method { get; set; }

    internal static void Read(ConfigurationReader reader, RouteMatchOptions options)
    {
        var path = options.Path ?? new PathMatchOptions();
        if (reader.Section(nameof(Path), path, PathMatchOptions.Read))
        {
            options.Path = path;
        }

        options.Headers = reader.Sections<HeaderMatchOptions>(nameof(Headers), HeaderMatchOptions.Read) ?? options.Headers;
        options.QueryParams = reader.Sections<QueryParamMatchOptions>(nameof(QueryParams), QueryParamMatchOptions.Read) ?? options.QueryParams;
        options.Method = reader.Text(nameof(Method)) ?? options.Method;
    }
}
