using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A condition on the canonical path; compares case-sensitively.</summary>
public sealed class PathMatchOptions
{
    /// <summary>How it compares.</summary>
    /// <value>Default <see cref="PathMatchType.PathPrefix"/>.</value>
    public PathMatchType Type { get; set; } = PathMatchType.PathPrefix;

    /// <summary>
    /// An absolute path in canonical form (see <see cref="Paths.CanonicalPath"/>), or a regular expression of up to 1,024
    /// characters that the canonical path must match as a whole.
    /// </summary>
    /// <value>Default <c>/</c>.</value>
    public string Value { get; set; } = "/";

    internal static void Read(ConfigurationReader reader, PathMatchOptions options)
    {
        options.Type = reader.OneOf<PathMatchType>(nameof(Type)) ?? options.Type;
        options.Value = reader.Text(nameof(Value)) ?? options.Value;
    }
}
