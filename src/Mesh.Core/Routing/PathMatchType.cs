namespace Mesh.Routing;

/// <summary>How a path is compared.</summary>
public enum PathMatchType
{
    /// <summary>The whole path, character by character.</summary>
    Exact,

    /// <summary>Segment by segment: <c>/a</c> takes <c>/a</c>, <c>/a/</c> and <c>/a/b</c>, not <c>/ab</c>. A trailing slash is ignored.</summary>
    PathPrefix,

    /// <summary>
    /// By a regular expression that must match the whole path. After exact paths and before prefixes, the longest
    /// expression first, as in Envoy Gateway; the time it takes grows with the path and with nothing else.
    /// </summary>
    RegularExpression,
}
