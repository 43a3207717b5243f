namespace Mesh.Routing;

/// <summary>What a filter does.</summary>
public enum RouteFilterType
{
    /// <summary>Changes header fields of the request.</summary>
    RequestHeaderModifier,

    /// <summary>Changes header fields of the response.</summary>
    ResponseHeaderModifier,

    /// <summary>Changes host and path of the request.</summary>
    URLRewrite,

    /// <summary>Answers with a redirect; nothing is sent on.</summary>
    RequestRedirect,

    /// <summary>Sends a copy of the request to another service too and ignores what it answers.</summary>
    RequestMirror,

    /// <summary>Answers with a fixed response; nothing is sent on. Beyond the Gateway API.</summary>
    DirectResponse,

    /// <summary>Delays requests, fails them or slows their responses, on purpose. Beyond the Gateway API.</summary>
    FaultInjection,

    /// <summary>Lets web pages of other origins call. At a gateway.</summary>
    CORS,

    /// <summary>Refuses larger requests. At a gateway; beyond the Gateway API.</summary>
    BodyLimit,

    /// <summary>Asks callers who they are. At a gateway; beyond the Gateway API.</summary>
    Auth,

    /// <summary>Compresses responses. At a gateway; beyond the Gateway API.</summary>
    Compression,

    /// <summary>Keeps responses and gives them to other callers. At a gateway; beyond the Gateway API.</summary>
    Cache,
}
