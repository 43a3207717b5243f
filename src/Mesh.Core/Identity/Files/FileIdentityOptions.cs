using Mesh.Configuration;

namespace Mesh.Identity;

/// <summary>The files of an identity: section <c>Mesh:Identity:Files</c>. Either <see cref="Certificate"/> or <see cref="Pkcs12"/> is required, and <see cref="Bundle"/>.</summary>
public sealed class FileIdentityOptions
{
    /// <summary>A PEM file with the leaf and, below it, the certificates above it without the root.</summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file with the private key (PKCS#8, PKCS#1 or SEC 1).</summary>
    /// <value>Default: the file of <see cref="Certificate"/>.</value>
    public string? Key { get; set; }

    /// <summary>A PKCS#12 file with leaf, key and the certificates above it, instead of <see cref="Certificate"/> and <see cref="Key"/>.</summary>
    public string? Pkcs12 { get; set; }

    /// <summary>A file with the password of the PKCS#12 file or of the encrypted key; a line break at its end does not count.</summary>
    /// <value>Default: no password.</value>
    public string? PasswordFile { get; set; }

    /// <summary>The trust bundle of the leaf's trust domain: PEM, or a SPIFFE bundle document.</summary>
    public string? Bundle { get; set; }

    /// <summary>How often to look at the files. A change is adopted when two looks in a row find the same.</summary>
    /// <value>Default 5 seconds; from 1 second to 1 hour.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    internal CertificateFilePaths Paths => new(Certificate, Key, Pkcs12, PasswordFile);

    internal bool IsConfigured => Certificate is not null || Pkcs12 is not null || Bundle is not null;

    internal static void Read(ConfigurationReader reader, FileIdentityOptions options)
    {
        options.Certificate = reader.Text(nameof(Certificate)) ?? options.Certificate;
        options.Key = reader.Text(nameof(Key)) ?? options.Key;
        options.Pkcs12 = reader.Text(nameof(Pkcs12)) ?? options.Pkcs12;
        options.PasswordFile = reader.Text(nameof(PasswordFile)) ?? options.PasswordFile;
        options.Bundle = reader.Text(nameof(Bundle)) ?? options.Bundle;
        options.PollInterval = reader.Duration(nameof(PollInterval)) ?? options.PollInterval;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        Paths.Validate(path, errors);
        if (string.IsNullOrEmpty(Bundle))
        {
            errors.AddMissing($"{path}:{nameof(Bundle)}", "the path of a trust bundle");
        }

        if (PollInterval < TimeSpan.FromSeconds(1) || PollInterval > TimeSpan.FromHours(1))
        {
            errors.Add($"{path}:{nameof(PollInterval)}", PollInterval, "a duration from 1 second to 1 hour");
        }
    }
}
