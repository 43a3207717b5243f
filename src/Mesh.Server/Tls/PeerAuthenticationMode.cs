namespace Mesh.Server.Tls;

/// <summary>What the server asks of the service at the other end of a connection; the words are those of Istio's <c>PeerAuthentication</c>.</summary>
public enum PeerAuthenticationMode
{
    /// <summary>Every connection must present an X.509-SVID that verifies, and plaintext requests are refused.</summary>
    Strict,

    /// <summary>A certificate is asked for and may be absent, and plaintext is served: for the time of a migration. A bad certificate is refused.</summary>
    Permissive,

    /// <summary>No certificate is asked for: an edge, where callers are not part of the mesh. What they claim in <c>mesh-*</c> fields is removed.</summary>
    Disabled,
}
