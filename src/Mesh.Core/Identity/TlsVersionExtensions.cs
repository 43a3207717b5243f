using System.Security.Authentication;

namespace Mesh.Identity;

/// <summary>What <see cref="TlsVersion"/> means to <c>SslStream</c>.</summary>
public static class TlsVersionExtensions
{
    /// <summary>The protocols from this one on.</summary>
    public static SslProtocols AndLater(this TlsVersion oldest) =>
        oldest == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;
}
