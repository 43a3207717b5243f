using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Server.Tls;

/// <summary>One https endpoint of Kestrel: knows whether the application gave it a certificate of its own.</summary>
internal sealed class HttpsEndpoint(HttpsConnectionAdapterOptions https, Lazy<PeerHandshake> handshake)
{
    private SslStreamCertificateContext? _ownContext;

    public X509Certificate2? SelectPlaceholder(ConnectionContext? connection, string? serverName) => handshake.Value.Identity.Leaf;

    public void OnAuthenticate(ConnectionContext connection, SslServerAuthenticationOptions tls)
    {
        if (!handshake.Value.TryConfigure(connection, tls))
        {
            ConfigureEdge(tls);
        }
        else if (https.ClientCertificateMode != ClientCertificateMode.NoCertificate)
        {
            // Kestrel would verify the peer by rules of its own beside ours, which SslStream refuses in obscure words.
            throw new InvalidOperationException(
                $"ClientCertificateMode of this endpoint is {https.ClientCertificateMode}: remove it, Mesh:Server:PeerAuthentication says what is asked of peers.");
        }
    }

    private void ConfigureEdge(SslServerAuthenticationOptions tls)
    {
        if (https.ServerCertificateSelector is { } selector && selector != SelectPlaceholder)
        {
            return;
        }

        // Kestrel prefers a selector, here our placeholder, to the certificate that was configured for the endpoint.
        if (https.ServerCertificate is { } own)
        {
            tls.ServerCertificate = null;
            tls.ServerCertificateSelectionCallback = null;
            tls.ServerCertificateContext = _ownContext ??= SslStreamCertificateContext.Create(own, https.ServerCertificateChain, offline: true);
        }
    }
}
