namespace Mesh.Routing;

/// <summary>Changes to the URL a backend sees.</summary>
public sealed class UrlRewrite
{
    private readonly string? _fullPath;
    private readonly string? _prefix;

    internal UrlRewrite(string? hostname, string? fullPath, string? prefix)
    {
        Hostname = hostname;
        _fullPath = fullPath;
        _prefix = prefix?.TrimEnd('/');
    }

    /// <summary>The host name the backend sees, or <see langword="null"/> for that of its service.</summary>
    public string? Hostname { get; }

    /// <summary>The path the backend sees.</summary>
    /// <param name="path">The canonical path of the request.</param>
    /// <param name="prefixLength">How much of it the rule's prefix covers: <see cref="RouteSelection.PrefixLength"/>.</param>
    public string Apply(string path, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (_fullPath is not null)
        {
            return _fullPath;
        }

        if (_prefix is null)
        {
            return path;
        }

        // The rest is empty or begins with a slash, because prefixes match whole segments.
        var rest = path.AsSpan(prefixLength);
        return _prefix.Length + rest.Length == 0 ? "/" : string.Concat(_prefix, rest);
    }
}
