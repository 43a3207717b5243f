using System.Security.Cryptography.X509Certificates;

namespace Mesh.Tests.Certificates;

/// <summary>A certificate and the key it is for.</summary>
internal sealed record Forged(X509Certificate2 Certificate, ForgedKey Key)
{
    /// <summary>The certificate with its private key, as a handshake needs it.</summary>
    public X509Certificate2 WithKey() => Key.Rsa is { } rsa
        ? Certificate.CopyWithPrivateKey(rsa)
        : Certificate.CopyWithPrivateKey(Key.EllipticCurve!);
}
