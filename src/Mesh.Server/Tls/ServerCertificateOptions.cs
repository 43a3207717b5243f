using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Server.Tls;

/// <summary>
/// A certificate for callers that ask for a host name: an entry of <c>Mesh:Server:Tls:Certificates</c>. It is shown by ports
/// that call <c>UseMeshTls()</c>.
/// </summary>
public sealed class ServerCertificateOptions
{
    /// <summary>The host names (SNI) it is shown for: whole, or <c>*.</c> and the rest for every name that ends so. The longest decides.</summary>
    /// <value>Required.</value>
    public List<string> Hostnames { get; set; } = [];

    /// <summary>A PEM file with the certificate and, below it, the certificates above it without the root.</summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file with the private key.</summary>
    /// <value>Default: the file of <see cref="Certificate"/>.</value>
    public string? Key { get; set; }

    /// <summary>A PKCS#12 file with certificate, key and chain, instead of <see cref="Certificate"/> and <see cref="Key"/>.</summary>
    public string? Pkcs12 { get; set; }

    /// <summary>A file with the password of the PKCS#12 file or of the encrypted key.</summary>
    /// <value>Default: no password.</value>
    public string? PasswordFile { get; set; }

    internal CertificateFilePaths Paths => new(Certificate, Key, Pkcs12, PasswordFile);

    internal static void Read(ConfigurationReader reader, ServerCertificateOptions options)
    {
        options.Hostnames = reader.Texts(nameof(Hostnames)) ?? options.Hostnames;
        options.Certificate = reader.Text(nameof(Certificate)) ?? options.Certificate;
        options.Key = reader.Text(nameof(Key)) ?? options.Key;
        options.Pkcs12 = reader.Text(nameof(Pkcs12)) ?? options.Pkcs12;
        options.PasswordFile = reader.Text(nameof(PasswordFile)) ?? options.PasswordFile;
    }

    internal static void Validate(List<ServerCertificateOptions> certificates, string path, ConfigurationErrors errors)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < certificates.Count; i++)
        {
            var certificate = certificates[i];
            certificate.Paths.Validate($"{path}:{i}", errors);
            if (certificate.Hostnames.Count == 0)
            {
                errors.AddMissing($"{path}:{i}:{nameof(Hostnames)}", "a list of host names");
            }

            for (var j = 0; j < certificate.Hostnames.Count; j++)
            {
                var name = certificate.Hostnames[j];
                if (Uri.CheckHostName(name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name) != UriHostNameType.Dns)
                {
                    errors.Add($"{path}:{i}:{nameof(Hostnames)}:{j}", name, "a host name, or '*.' and one");
                }
                else if (!known.Add(name))
                {
                    errors.Add($"{path}:{i}:{nameof(Hostnames)}:{j}", name, "a host name that no other certificate has");
                }
            }
        }
    }
}
