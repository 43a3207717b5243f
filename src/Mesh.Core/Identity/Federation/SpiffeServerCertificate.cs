using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity.Federation;

/// <summary>Accepts one server: the one with a SPIFFE ID that is expected, by the bundle of its trust domain.</summary>
internal sealed class SpiffeServerCertificate(SpiffeId expected, Func<TrustBundles> trust, TimeProvider time)
{
    /// <summary>For the chain that <see cref="SslStream"/> builds before it asks: it decides nothing, and must not go to the network.</summary>
    public static X509ChainPolicy ChainPolicy { get; } = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var verdict = PeerVerifier.Verify(certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore, trust(), time.GetUtcNow());
        if (!verdict.Accepted)
        {
            throw new MeshTlsException(verdict.Refusal, $"The bundle endpoint was refused: {verdict.Detail}.");
        }

        return verdict.Id == expected
            ? true
            : throw new MeshTlsException(PeerRefusal.UnexpectedId, $"The bundle endpoint was refused: it is '{verdict.Id}' and '{expected}' is expected.");
    }
}
