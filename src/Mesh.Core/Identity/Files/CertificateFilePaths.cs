using Mesh.Configuration;

namespace Mesh.Identity;

/// <summary>Where a certificate and its private key are. Either <see cref="Certificate"/> or <see cref="Pkcs12"/> is there.</summary>
/// <param name="Certificate">A PEM file with the certificate and, below it, the certificates above it without the root.</param>
/// <param name="Key">A PEM file with the private key (PKCS#8, PKCS#1 or SEC 1); <see langword="null"/> when it is in the file of <paramref name="Certificate"/>.</param>
/// <param name="Pkcs12">A PKCS#12 file with certificate, key and the certificates above it.</param>
/// <param name="PasswordFile">A file with the password of the PKCS#12 file or of the encrypted key; a line break at its end does not count.</param>
public sealed record CertificateFilePaths(string? Certificate, string? Key, string? Pkcs12, string? PasswordFile)
{
    /// <summary>The file that is named in messages.</summary>
    public string Subject => string.IsNullOrEmpty(Pkcs12) ? Certificate! : Pkcs12;

    /// <summary>Adds what is wrong with them.</summary>
    /// <param name="path">The section they stand in.</param>
    /// <param name="errors">Where errors are added.</param>
    public void Validate(string path, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (string.IsNullOrEmpty(Certificate) == string.IsNullOrEmpty(Pkcs12))
        {
            errors.Add(path, $"either {nameof(Certificate)} or {nameof(Pkcs12)} is required, and not both.");
        }

        if (!string.IsNullOrEmpty(Pkcs12) && !string.IsNullOrEmpty(Key))
        {
            errors.Add($"{path}:{nameof(Key)}", Key, $"no key beside {nameof(Pkcs12)}, which holds it");
        }
    }
}
