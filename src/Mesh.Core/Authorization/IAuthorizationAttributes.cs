using System.Net;
using Microsoft.Extensions.Primitives;

namespace Mesh.Authorization;

/// <summary>What is asked of a request only where a policy speaks of it. What a request does not have is <see langword="null"/> or empty.</summary>
public interface IAuthorizationAttributes
{
    /// <summary>The address at the other end of the connection: <c>source.ip</c>.</summary>
    IPAddress? SourceAddress { get; }

    /// <summary>The address of the client, behind the proxies that are trusted to tell it: <c>remote.ip</c>.</summary>
    IPAddress? RemoteAddress { get; }

    /// <summary>The address the connection was accepted at: <c>destination.ip</c>.</summary>
    IPAddress? DestinationAddress { get; }

    /// <summary>The port the connection was accepted at; 0 when it has none.</summary>
    int DestinationPort { get; }

    /// <summary>The server name the TLS client asked for: <c>connection.sni</c>.</summary>
    string? ServerName { get; }

    /// <summary>The claims of the validated token: <c>request.auth</c>.</summary>
    TokenClaims? Claims { get; }

    /// <summary>The lines of a header field, by its name in any case.</summary>
    StringValues Header(string name);
}
