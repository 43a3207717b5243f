using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A change to the request or the response. Only the member its <see cref="Type"/> names may be set.</summary>
public sealed class RouteFilterOptions
{
    /// <summary>What it changes; required.</summary>
    public RouteFilterType? Type { get; set; }

    /// <summary>Changes to the request's header, for <see cref="RouteFilterType.RequestHeaderModifier"/>.</summary>
    public HeaderModifierOptions? RequestHeaderModifier { get; set; }

    /// <summary>Changes to the response's header, for <see cref="RouteFilterType.ResponseHeaderModifier"/>.</summary>
    public HeaderModifierOptions? ResponseHeaderModifier { get; set; }

    /// <summary>Changes to host and path, for <see cref="RouteFilterType.URLRewrite"/>.</summary>
    public UrlRewriteOptions? URLRewrite { get; set; }

    internal static void Read(ConfigurationReader reader, RouteFilterOptions options)
    {
        options.Type = reader.OneOf<RouteFilterType>(nameof(Type)) ?? options.Type;
        options.RequestHeaderModifier = ReadModifier(reader, nameof(RequestHeaderModifier), options.RequestHeaderModifier);
        options.ResponseHeaderModifier = ReadModifier(reader, nameof(ResponseHeaderModifier), options.ResponseHeaderModifier);
        var rewrite = options.URLRewrite ?? new UrlRewriteOptions();
        if (reader.Section(nameof(URLRewrite), rewrite, UrlRewriteOptions.Read))
        {
            options.URLRewrite = rewrite;
        }
    }

    private static HeaderModifierOptions? ReadModifier(ConfigurationReader reader, string name, HeaderModifierOptions? existing)
    {
        var modifier = existing ?? new HeaderModifierOptions();
        return reader.Section(name, modifier, HeaderModifierOptions.Read) ? modifier : existing;
    }
}
