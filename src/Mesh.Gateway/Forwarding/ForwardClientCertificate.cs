namespace Mesh.Gateway.Forwarding;

/// <summary>
/// What the gateway says in <c>x-forwarded-client-cert</c> about a caller that showed a certificate of the mesh; the words are
/// those of Envoy's <c>forward_client_cert_details</c>. What a caller says itself is believed only from those among
/// <c>Mesh:Server:ForwardedClientCertificate:TrustedPeers</c>.
/// </summary>
public enum ForwardClientCertificate
{
    /// <summary>Nothing: the field is removed.</summary>
    Sanitize,

    /// <summary>What a trusted caller said, as it is.</summary>
    ForwardOnly,

    /// <summary>What a trusted caller said, and behind it the caller's own certificate.</summary>
    AppendForward,

    /// <summary>The caller's own certificate and nothing else.</summary>
    SanitizeSet,
}
