using System.Collections.Frozen;
using Mesh.Paths;
using Mesh.Server.Authentication;
using Mesh.Server.Authorization;
using Mesh.Server.Faults;
using Mesh.Server.Forwarded;
using Mesh.Server.Limits;
using Mesh.Server.LoadShedding;
using Mesh.Server.RateLimits;
using Mesh.Server.Tls;

namespace Mesh.Server.Policy;

/// <summary>How requests are served: one immutable snapshot of the whole section <c>Mesh:Server</c>.</summary>
internal sealed class ServerPolicy
{
    public required PeerAuthenticationMode PeerAuthentication { get; init; }

    /// <summary>What holds for one port instead, by its number.</summary>
    public required FrozenDictionary<int, PeerAuthenticationMode> Ports { get; init; }

    /// <summary>Who may say which client certificate it has seen; <see langword="null"/> for nobody.</summary>
    public required ForwardedCertificates? ForwardedCertificates { get; init; }

    public required FrozenSet<string> PlaintextPaths { get; init; }

    public required ServerTlsPolicy Tls { get; init; }

    public required RequestAuthentication Authentication { get; init; }

    public required RequestAuthorization Authorization { get; init; }

    /// <summary><see langword="null"/> when there are no limits.</summary>
    public required RequestLimits? Limits { get; init; }

    /// <summary><see langword="null"/> when nobody suffers on purpose.</summary>
    public required ServerFaults? Faults { get; init; }

    /// <summary><see langword="null"/> when nothing is shed.</summary>
    public required LoadShedder? Shedder { get; init; }

    /// <summary><see langword="null"/> for the default.</summary>
    public required TimeSpan? DrainGrace { get; init; }

    public required ServerLimitsOptions TransportLimits { get; init; }

    public required PathRules Paths { get; init; }

    public required TimeSpan? RequestTimeout { get; init; }

    /// <summary>What is asked of peers at a port: what is configured for it, else what its listener says, else what holds for all.</summary>
    public PeerAuthenticationMode PeerAuthenticationAt(int port, MeshListener? listener) =>
        Ports.Count > 0 && Ports.TryGetValue(port, out var mode) ? mode : listener?.Mode ?? PeerAuthentication;
}
