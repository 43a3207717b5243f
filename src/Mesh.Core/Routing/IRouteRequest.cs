using System.Diagnostics.CodeAnalysis;

namespace Mesh.Routing;

/// <summary>What a <see cref="RouteTable"/> looks at in a request. Implemented by structs, so that matching allocates nothing.</summary>
public interface IRouteRequest
{
    /// <summary>The host asked for, with or without a port.</summary>
    ReadOnlySpan<char> Host { get; }

    /// <summary>The canonical path, escaped as on the wire (see <see cref="Paths.CanonicalPath"/>).</summary>
    ReadOnlySpan<char> Path { get; }

    /// <summary>The query, escaped as on the wire, without its question mark.</summary>
    ReadOnlySpan<char> Query { get; }

    /// <summary>The method, as sent.</summary>
    string Method { get; }

    /// <summary>The value of a header field; several lines of one field are joined by commas (RFC 9110, 5.3).</summary>
    /// <param name="name">The name of the field, in any case.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether the field is present.</returns>
    bool TryGetHeader(string name, [NotNullWhen(true)] out string? value);
}
