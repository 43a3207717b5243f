using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Identity;

/// <summary>Reads a bundle from a PEM file of certificates, as cert-manager, Istio and SPIRE's helper write it.</summary>
internal static class BundlePem
{
    private const string Begin = "-----BEGIN CERTIFICATE-----";

    public static SpiffeBundle Parse(ReadOnlySpan<byte> content)
    {
        var text = Encoding.Latin1.GetString(content);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            throw new FormatException("The trust bundle has a certificate that is malformed.");
        }

        // The platform skips what is not a whole block, and a file that is being written ends in half of one.
        var begun = text.AsSpan().Count(Begin);
        if (begun == 0 || begun != certificates.Count)
        {
            throw new FormatException($"The trust bundle begins {begun} certificates and has {certificates.Count} whole ones.");
        }

        return new SpiffeBundle([.. certificates.DistinctBy(static certificate => certificate.Thumbprint)], [], null, null);
    }
}
