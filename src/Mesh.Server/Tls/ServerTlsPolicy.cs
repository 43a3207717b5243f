using System.Security.Authentication;
using Mesh.Identity;

namespace Mesh.Server.Tls;

/// <summary>How mutual TLS connections come and go: the immutable form of <see cref="ServerTlsOptions"/>.</summary>
internal sealed record ServerTlsPolicy(TimeSpan MaxConnectionAge, TimeSpan DrainTimeout, SslProtocols Protocols, ServerCertificates Certificates)
{
    public static ServerTlsPolicy From(ServerTlsOptions options, ServerCertificates certificates) =>
        new(options.MaxConnectionAge, options.DrainTimeout, options.MinimumVersion.AndLater(), certificates);
}
