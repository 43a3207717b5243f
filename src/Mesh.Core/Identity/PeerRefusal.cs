namespace Mesh.Identity;

/// <summary>Why a peer's certificate was refused.</summary>
public enum PeerRefusal
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>The peer showed no certificate.</summary>
    NoCertificate,

    /// <summary>The leaf has not exactly one URI SAN that is a workload's SPIFFE ID.</summary>
    NotAnSvid,

    /// <summary>Key usage, extended key usage or basic constraints of the leaf are not those of an SVID.</summary>
    WrongKeyUsage,

    /// <summary>There is no bundle for the trust domain the leaf names.</summary>
    UnknownTrustDomain,

    /// <summary>The leaf, or its chain, has expired.</summary>
    Expired,

    /// <summary>The leaf, or its chain, is not valid yet.</summary>
    NotYetValid,

    /// <summary>The chain does not lead to an anchor of the leaf's own trust domain.</summary>
    Untrusted,

    /// <summary>
    /// A signing certificate above the leaf may not sign it: no CA, key usage, purpose, path length, name constraints, or a
    /// SPIFFE ID of another trust domain.
    /// </summary>
    WrongSigner,

    /// <summary>A key is shorter than RSA 2048 or on an unusual curve, or a signature uses a hash below SHA-256.</summary>
    WeakCryptography,

    /// <summary>The certificate is good and names another workload than the one expected.</summary>
    UnexpectedId,

    /// <summary>The handshake broke off before certificates were seen; the message says how.</summary>
    HandshakeFailed,

    /// <summary>The peer answered, or called, in plaintext where TLS was expected.</summary>
    PlaintextPeer,

    /// <summary>The peer speaks TLS and was called in plaintext.</summary>
    TlsExpected,

    /// <summary>This process may not call the peer in plaintext, and it speaks nothing else.</summary>
    PlaintextForbidden,

    /// <summary>The peer refused the certificate of this process: by an alert, or by closing the connection before its first answer.</summary>
    RefusedByPeer,
}
