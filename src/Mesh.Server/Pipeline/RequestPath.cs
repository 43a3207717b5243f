using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Mesh.Configuration;
using Mesh.Paths;
using Mesh.Server.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Pipeline;

/// <summary>
/// Gives a request one path: what is authorized is what the application is routed with. Kestrel's own path keeps double
/// slashes and backslashes, so it is replaced where it differs.
/// </summary>
public static class RequestPath
{
    // RFC 3986 lets these mean something else when escaped; ASP.NET decodes them all, so to a rule they must be the same.
    private static readonly SearchValues<char> DecodedByRouting = SearchValues.Create("!$&'()*+,;=:@");

    private const string EscapedSlash = "%2F";

    /// <summary>Reads the path that <c>UseMesh()</c> will give to a request, for middleware in front of it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">The canonical path with escaped delimiters as they came: <see cref="MeshRequest.EscapedPath"/>.</param>
    /// <param name="error">What is wrong with it, in words that can be shown to the caller; it will be answered 400.</param>
    /// <exception cref="InvalidOperationException"><c>AddMeshServer()</c> was not called.</exception>
    public static bool TryRead(HttpContext http, [NotNullWhen(true)] out string? path, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(http);
        return TryRead(http, http.RequestServices.GetRequiredService<PolicySource<ServerPolicy>>().Current.Paths, out path, out error);
    }

    /// <summary>Finds the canonical path and makes it the request's own.</summary>
    /// <param name="http">The request.</param>
    /// <param name="rules">What the path may have in it.</param>
    /// <param name="path">The path for rules and routes.</param>
    /// <param name="escapedPath">The same with escaped delimiters as they came.</param>
    /// <param name="error">What is wrong with it.</param>
    internal static bool TryApply(
        HttpContext http,
        PathRules rules,
        [NotNullWhen(true)] out string? path,
        [NotNullWhen(true)] out string? escapedPath,
        [NotNullWhen(false)] out string? error)
    {
        if (!TryRead(http, rules, out escapedPath, out error))
        {
            path = null;
            return false;
        }

        var escaped = escapedPath.Contains('%', StringComparison.Ordinal);
        path = escaped ? DecodeDelimiters(escapedPath) : escapedPath;
        var routed = escaped ? Decode(path) : path;
        if (!string.Equals(http.Request.Path.Value, routed, StringComparison.Ordinal))
        {
            http.Request.Path = new PathString(routed);
        }

        return true;
    }

    private static bool TryRead(HttpContext http, PathRules rules, [NotNullWhen(true)] out string? path, [NotNullWhen(false)] out string? error)
    {
        var raw = http.Features.Get<IHttpRequestFeature>()?.RawTarget;
        var target = string.IsNullOrEmpty(raw) ? http.Request.Path.ToUriComponent() : OriginForm(raw);
        return CanonicalPath.TryCreate(target, rules, out path, out _, out error);
    }

    // As Kestrel does: an escaped slash that is kept must not become a separator of routes.
    private static string Decode(string path) => path.Contains(EscapedSlash, StringComparison.Ordinal)
        ? string.Join(EscapedSlash, Array.ConvertAll(path.Split(EscapedSlash), Uri.UnescapeDataString))
        : Uri.UnescapeDataString(path);

    // A server must accept the absolute form (RFC 9112, 3.2.2).
    private static string OriginForm(string target)
    {
        var scheme = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : 0;
        if (scheme == 0)
        {
            return target;
        }

        var end = target.AsSpan(scheme).IndexOfAny('/', '\\', '?');
        return end < 0 ? "/" : target[scheme + end] == '?' ? $"/{target[(scheme + end)..]}" : target[(scheme + end)..];
    }

    private static string DecodeDelimiters(string path)
    {
        var decoded = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            // A canonical path has two digits behind every percent sign.
            if (path[i] == '%'
                && (char)byte.Parse(path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) is var character
                && DecodedByRouting.Contains(character))
            {
                decoded.Append(character);
                i += 2;
            }
            else
            {
                decoded.Append(path[i]);
            }
        }

        return decoded.ToString();
    }
}
