using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Spiffe;

/// <summary>Certificates in DER, one after another, as the Workload API sends them.</summary>
internal static class DerCertificates
{
    /// <summary>Reads all of them.</summary>
    /// <exception cref="FormatException">They are not whole certificates, or there are none.</exception>
    public static X509Certificate2Collection Parse(ReadOnlySpan<byte> der, string what)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            while (!der.IsEmpty)
            {
                AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.DER, out _, out _, out var length);
                certificates.Add(X509CertificateLoader.LoadCertificate(der[..length]));
                der = der[length..];
            }
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            throw new FormatException($"{what} has a certificate that is malformed", exception);
        }

        return certificates.Count > 0 ? certificates : throw new FormatException($"{what} has no certificate");
    }
}
