namespace Mesh.Identity;

/// <summary>The oldest version of TLS that is spoken. Two sides that both can speak TLS 1.3.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.2 (RFC 5246) where the other side, or the platform, has no newer one.</summary>
    Tls12,

    /// <summary>TLS 1.3 (RFC 8446) and nothing else.</summary>
    Tls13,
}
