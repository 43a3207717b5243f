using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A change to the path. Only the member its <see cref="Type"/> names may be set.</summary>
public sealed class PathRewriteOptions
{
    /// <summary>What is replaced; required.</summary>
    public PathRewriteType? Type { get; set; }

    /// <summary>The new path, for <see cref="PathRewriteType.ReplaceFullPath"/>.</summary>
    public string? ReplaceFullPath { get; set; }

    /// <summary>What takes the place of the matched prefix, for <see cref="PathRewriteType.ReplacePrefixMatch"/>; may be empty.</summary>
    public string? ReplacePrefixMatch { get; set; }

    internal static void Read(ConfigurationReader reader, PathRewriteOptions options)
    {
        options.Type = reader.OneOf<PathRewriteType>(nameof(Type)) ?? options.Type;
        options.ReplaceFullPath = reader.Text(nameof(ReplaceFullPath)) ?? options.ReplaceFullPath;
        options.ReplacePrefixMatch = reader.Text(nameof(ReplacePrefixMatch)) ?? options.ReplacePrefixMatch;
    }
}
