using System.Buffers;
using System.Collections.Frozen;
using Mesh.Configuration;

namespace Mesh.Server.Authentication;

/// <summary>Names of header fields in configuration.</summary>
internal static class HeaderFields
{
    // RFC 9110, 5.6.2: token.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // What frames, addresses or authenticates a message, and would do harm if it were removed from every request.
    private static readonly FrozenSet<string> Taken = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Authorization",
        "Connection",
        "Content-Length",
        "Content-Type",
        "Cookie",
        "Host",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade");

    public static bool IsName(string? name) => !string.IsNullOrEmpty(name) && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    public static void CheckName(string path, string? name, ConfigurationErrors errors)
    {
        if (!IsName(name))
        {
            errors.Add(path, name, "the name of a header field");
        }
    }

    /// <summary>A field that the mesh removes from every request and sets itself.</summary>
    public static void CheckOutput(string path, string? name, ConfigurationErrors errors)
    {
        if (!IsName(name) || Taken.Contains(name!) || name!.StartsWith(MeshHeaders.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(path, name, "the name of a header field that has no other use");
        }
    }
}
