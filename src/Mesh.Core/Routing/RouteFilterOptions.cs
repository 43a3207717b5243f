using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Routing.Auth;
using Mesh.Routing.Caching;
using Mesh.Routing.Compression;
using Mesh.Routing.Cors;

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

    /// <summary>What to put into the requests, for <see cref="RouteFilterType.FaultInjection"/>.</summary>
    public FaultOptions? FaultInjection { get; set; }

    /// <summary>Which pages may call, for <see cref="RouteFilterType.CORS"/>.</summary>
    public CorsOptions? CORS { get; set; }

    /// <summary>How large requests may be, for <see cref="RouteFilterType.BodyLimit"/>.</summary>
    public BodyLimitOptions? BodyLimit { get; set; }

    /// <summary>Who may call and what backends learn of them, for <see cref="RouteFilterType.Auth"/>.</summary>
    public RouteAuthOptions? Auth { get; set; }

    /// <summary>Which responses are compressed, for <see cref="RouteFilterType.Compression"/>.</summary>
    public CompressionOptions? Compression { get; set; }

    /// <summary>Which responses are kept, for <see cref="RouteFilterType.Cache"/>; may be left out.</summary>
    public CacheOptions? Cache { get; set; }

    internal static void Read(ConfigurationReader reader, RouteFilterOptions options)
    {
        options.Type = reader.OneOf<RouteFilterType>(nameof(Type)) ?? options.Type;
        options.RequestHeaderModifier = reader.SectionOrNull(nameof(RequestHeaderModifier), options.RequestHeaderModifier, HeaderModifierOptions.Read);
        options.ResponseHeaderModifier = reader.SectionOrNull(nameof(ResponseHeaderModifier), options.ResponseHeaderModifier, HeaderModifierOptions.Read);
        options.URLRewrite = reader.SectionOrNull(nameof(URLRewrite), options.URLRewrite, UrlRewriteOptions.Read);
        options.RequestRedirect = reader.SectionOrNull(nameof(RequestRedirect), options.RequestRedirect, RequestRedirectOptions.Read);
        options.RequestMirror = reader.SectionOrNull(nameof(RequestMirror), options.RequestMirror, RequestMirrorOptions.Read);
        options.DirectResponse = reader.SectionOrNull(nameof(DirectResponse), options.DirectResponse, DirectResponseOptions.Read);
        options.FaultInjection = reader.SectionOrNull(nameof(FaultInjection), options.FaultInjection, FaultOptions.Read);
        options.CORS = reader.SectionOrNull(nameof(CORS), options.CORS, CorsOptions.Read);
        options.BodyLimit = reader.SectionOrNull(nameof(BodyLimit), options.BodyLimit, BodyLimitOptions.Read);
        options.Auth = reader.SectionOrNull(nameof(Auth), options.Auth, RouteAuthOptions.Read);
        options.Compression = reader.SectionOrNull(nameof(Compression), options.Compression, CompressionOptions.Read);
        options.Cache = reader.SectionOrNull(nameof(Cache), options.Cache, CacheOptions.Read);
    }
}
