using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Server.Forwarded;

/// <summary>From whom the header <c>x-forwarded-client-cert</c> is believed: section <c>Mesh:Server:ForwardedClientCertificate</c>.</summary>
public sealed class ForwardedCertificateOptions
{
    /// <summary>
    /// The SPIFFE IDs of the gateways and proxies that may say which client certificate they have seen: whole, or with a
    /// trailing <c>/*</c> for everything below.
    /// </summary>
    /// <value>Default: none, and then the header is removed from every request.</value>
    public List<string> TrustedPeers { get; set; } = [];

    internal static void Read(ConfigurationReader reader, ForwardedCertificateOptions options) =>
        options.TrustedPeers = reader.Texts(nameof(TrustedPeers)) ?? options.TrustedPeers;

    internal void Validate(string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < TrustedPeers.Count; i++)
        {
            if (!SpiffeIdPattern.TryParse(TrustedPeers[i], out _))
            {
                errors.Add($"{path}:{nameof(TrustedPeers)}:{i}", TrustedPeers[i], "a SPIFFE ID, or one with a trailing '/*'");
            }
        }
    }
}
