using System.Diagnostics.CodeAnalysis;
using Mesh.Paths;

namespace Mesh.Gateway.Routing;

/// <summary>What a request asks for: the canonical path, and the query as it was sent.</summary>
internal readonly struct GatewayTarget
{
    private readonly string _originForm;
    private readonly int _queryStart;

    private GatewayTarget(string originForm, string path, int queryStart)
    {
        _originForm = originForm;
        _queryStart = queryStart;
        Path = path;
    }

    /// <summary>The canonical path.</summary>
    public string Path { get; }

    /// <summary>The query with its question mark, byte for byte; empty when there is none.</summary>
    public ReadOnlySpan<char> Query => _originForm.AsSpan(_queryStart);

    /// <summary>Reads a request target in origin-form, or in absolute-form, which every server must take (RFC 9112, 3.2.2).</summary>
    public static bool TryRead(string rawTarget, out GatewayTarget target, [NotNullWhen(false)] out string? error)
    {
        var originForm = ToOriginForm(rawTarget);
        var accepted = CanonicalPath.TryCreate(originForm, out var path, out var queryStart, out error);
        target = accepted ? new GatewayTarget(originForm, path!, queryStart) : default;
        return accepted;
    }

    private static string ToOriginForm(string rawTarget)
    {
        // The server has compared the authority with Host already.
        var scheme = rawTarget.StartsWith('/') ? -1 : rawTarget.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return rawTarget;
        }

        var rest = rawTarget.AsSpan(scheme + "://".Length);
        var end = rest.IndexOfAny('/', '\\', '?');
        return end < 0 ? "/" : rest[end] == '?' ? $"/{rest[end..]}" : rest[end..].ToString();
    }
}
