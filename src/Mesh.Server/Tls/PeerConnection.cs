using Mesh.Identity;

namespace Mesh.Server.Tls;

/// <summary>
/// Who is at the other end of one TLS connection. Found once, in the handshake, and kept among the connection's features,
/// through which every request of the connection sees it.
/// </summary>
internal sealed class PeerConnection
{
    /// <summary>The result of the handshake; the default when the peer was not asked or showed nothing.</summary>
    public PeerVerdict Verdict { get; set; }

    /// <summary>The peer's ID, or <see langword="null"/> when none was verified.</summary>
    public SpiffeId? Peer => Verdict.Accepted ? Verdict.Id : null;
}
