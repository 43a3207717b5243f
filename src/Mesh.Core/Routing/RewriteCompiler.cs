using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates and compiles a URL rewrite.</summary>
internal static class RewriteCompiler
{
    public static UrlRewrite Compile(UrlRewriteOptions options, List<RouteMatchOptions> matches, string path, ConfigurationErrors errors)
    {
        if (options.Hostname is { } hostname && !RouteSyntax.IsPreciseHostname(hostname))
        {
            errors.Add($"{path}:{nameof(options.Hostname)}", hostname, "a host name without a wildcard or port");
        }

        if (options.Path is { } rewrite)
        {
            CheckPath(rewrite, matches, $"{path}:{nameof(options.Path)}", errors);
        }
        else if (options.Hostname is null)
        {
            errors.Add(path, "a rewrite needs a Hostname or a Path.");
        }

        return new UrlRewrite(options.Hostname, options.Path?.ReplaceFullPath, options.Path?.ReplacePrefixMatch);
    }

    public static void CheckPath(PathRewriteOptions rewrite, List<RouteMatchOptions> matches, string path, ConfigurationErrors errors)
    {
        if (rewrite.Type is not { } type)
        {
            errors.AddMissing($"{path}:{nameof(rewrite.Type)}", $"one of {string.Join(", ", Enum.GetNames<PathRewriteType>())}");
            return;
        }

        CheckReplacement(rewrite.ReplaceFullPath, type, PathRewriteType.ReplaceFullPath, path, errors);
        CheckReplacement(rewrite.ReplacePrefixMatch, type, PathRewriteType.ReplacePrefixMatch, path, errors);

        // HTTPRoute: with several matches, or an exact one, it would not be clear what the prefix is.
        if (type == PathRewriteType.ReplacePrefixMatch && matches is not ([] or [{ Path: null or { Type: PathMatchType.PathPrefix } }]))
        {
            errors.Add($"{path}:{nameof(rewrite.Type)}", type, "ReplaceFullPath, because the rule does not have exactly one match, of type PathPrefix");
        }
    }

    private static void CheckReplacement(string? value, PathRewriteType type, PathRewriteType member, string path, ConfigurationErrors errors)
    {
        var memberPath = $"{path}:{member}";
        var mayBeEmpty = member == PathRewriteType.ReplacePrefixMatch;
        if (value is null)
        {
            if (type == member)
            {
                errors.Add(memberPath, $"a rewrite of type {type} needs it.");
            }
        }
        else if (type != member)
        {
            errors.Add(memberPath, $"there is no place for it in a rewrite of type {type}.");
        }
        else if (!(value.Length == 0 && mayBeEmpty) && !RouteSyntax.IsCanonicalPath(value))
        {
            errors.Add(memberPath, value, $"an absolute path in canonical form{(mayBeEmpty ? ", or nothing" : "")}");
        }
    }
}
