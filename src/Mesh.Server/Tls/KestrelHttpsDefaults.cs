using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Tls;

/// <summary>Puts every https endpoint of Kestrel under <see cref="PeerHandshake"/>.</summary>
/// <remarks>
/// It touches neither policy nor identity: Kestrel's options are built before the start-up checks run, and those are to
/// report every error of the configuration together.
/// </remarks>
internal sealed class KestrelHttpsDefaults(Lazy<PeerHandshake> handshake, IConfiguration? configuration) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        var hasDefaultCertificate = configuration?.GetSection("Kestrel:Certificates:Default").Exists() == true;
        options.ConfigureHttpsDefaults(https =>
        {
            var endpoint = new HttpsEndpoint(https, handshake);
            if (!hasDefaultCertificate)
            {
                // Without any certificate Kestrel looks for the developer's, and does not start when there is none.
                https.ServerCertificateSelector = endpoint.SelectPlaceholder;
            }

            https.OnAuthenticate = endpoint.OnAuthenticate;
        });
    }
}
