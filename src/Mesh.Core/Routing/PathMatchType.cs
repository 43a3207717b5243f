namespace Mesh.Routing;

/// <summary>How a path is compared.</summary>
public enum PathMatchType
{
    /// <summary>The whole path, character by character.</summary>
    Exact,

    /// <summary>Segment by segment: <c>/a</c> takes <c>/a</c>, <c>/a/</c> and <c>/a/b</c>, not <c>/ab</c>. A trailing slash is ignored.</summary>
    PathPrefix,
}
