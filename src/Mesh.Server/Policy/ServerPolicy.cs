using System.Collections.Frozen;
using Mesh.Server.Authentication;
using Mesh.Server.Authorization;
using Mesh.Server.LoadShedding;
using Mesh.Server.RateLimits;
using Mesh.Server.Tls;

namespace Mesh.Server.Policy;

/// <summary>How requests are served: one immutable snapshot of the whole section <c>Mesh:Server</c>.</summary>
internal sealed class ServerPolicy
{
    public required PeerAuthenticationMode PeerAuthentication { get; init; }

    public required FrozenSet<string> PlaintextPaths { get; init; }

    public required ServerTlsPolicy Tls { get; init; }

    /// <summary><see langword="null"/> when no issuer is configured.</summary>
    public required TokenAuthenticator? Tokens { get; init; }

    public required RequestAuthorization Authorization { get; init; }

    /// <summary><see langword="null"/> when there are no limits.</summary>
    public required RequestLimits? Limits { get; init; }

    /// <summary><see langword="null"/> when nothing is shed.</summary>
    public required LoadShedder? Shedder { get; init; }

    public required TimeSpan? RequestTimeout { get; init; }
}
