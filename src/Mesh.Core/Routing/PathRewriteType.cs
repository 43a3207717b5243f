namespace Mesh.Routing;

/// <summary>What of a path is replaced.</summary>
public enum PathRewriteType
{
    /// <summary>All of it.</summary>
    ReplaceFullPath,

    /// <summary>The prefix that matched. The rule must have exactly one match, of type <see cref="PathMatchType.PathPrefix"/>.</summary>
    ReplacePrefixMatch,
}
