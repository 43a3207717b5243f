namespace Mesh.Routing;

/// <summary>What a filter changes.</summary>
public enum RouteFilterType
{
    /// <summary>Header fields of the request.</summary>
    RequestHeaderModifier,

    /// <summary>Header fields of the response.</summary>
    ResponseHeaderModifier,

    /// <summary>Host and path of the request.</summary>
    URLRewrite,
}
