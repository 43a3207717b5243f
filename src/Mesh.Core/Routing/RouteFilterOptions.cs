using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A change to the request or the response, or an answer. Only the member its <see cref="Type"/> names may be set.</summary>
public sealed class RouteFilterOptions
{
    /// <summary>What it does; required.</summary>
    public RouteFilterType? Type { get; set; }

    /// <summary>Changes to the request's header, for <see cref="RouteFilterType.RequestHeaderModifier"/>.</summary>
    public HeaderModifierOptions? RequestHeaderModifier { get; set; }

    /// <summary>Changes to the response's header, for <see cref="RouteFilterType.ResponseHeaderModifier"/>.</summary>
    public HeaderModifierOptions? ResponseHeaderModifier { get; set; }

    /// <summary>Changes to host and path, for <see cref="RouteFilterType.URLRewrite"/>.</summary>
    public UrlRewriteOptions? URLRewrite { get; set; }

    /// <summary>Where to, for <see cref="RouteFilterType.RequestRedirect"/>.</summary>
    public RequestRedirectOptions? RequestRedirect { get; set; }

    /// <summary>To whom, for <see cref="RouteFilterType.RequestMirror"/>.</summary>
    public RequestMirrorOptions? RequestMirror { get; set; }

    /// <summary>What to answer, for <see cref="RouteFilterType.DirectResponse"/>.</summary>
    public DirectResponseOptions? DirectResponse { get; set; }

    internal static void Read(ConfigurationReader reader, RouteFilterOptions options)
    {
        options.Type = reader.OneOf<RouteFilterType>(nameof(Type)) ?? options.Type;
        options.RequestHeaderModifier = Read(reader, nameof(RequestHeaderModifier), options.RequestHeaderModifier, HeaderModifierOptions.Read);
        options.ResponseHeaderModifier = Read(reader, nameof(ResponseHeaderModifier), options.ResponseHeaderModifier, HeaderModifierOptions.Read);
        options.URLRewrite = Read(reader, nameof(URLRewrite), options.URLRewrite, UrlRewriteOptions.Read);
        options.RequestRedirect = Read(reader, nameof(RequestRedirect), options.RequestRedirect, RequestRedirectOptions.Read);
        options.RequestMirror = Read(reader, nameof(RequestMirror), options.RequestMirror, RequestMirrorOptions.Read);
        options.DirectResponse = Read(reader, nameof(DirectResponse), options.DirectResponse, DirectResponseOptions.Read);
    }

    private static T? Read<T>(ConfigurationReader reader, string name, T? existing, Action<ConfigurationReader, T> read)
        where T : class, new()
    {
        var options = existing ?? new T();
        return reader.Section(name, options, read) ? options : existing;
    }
}
