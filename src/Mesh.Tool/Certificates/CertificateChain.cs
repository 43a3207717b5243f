using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Identity.Files;

namespace Mesh.Tool.Certificates;

/// <summary>Certificates to look at, the leaf first: from a file, from standard input, or as a server shows them.</summary>
internal sealed record CertificateChain(X509Certificate2 Leaf, X509Certificate2Collection Others)
{
    private const string StandardInput = "-";

    /// <summary>Reads it from wherever <paramref name="source"/> says: a file, <c>-</c>, or <c>host:port</c>.</summary>
    /// <exception cref="MeshIdentityException">There is nothing, or no certificate in it; the message says what there is.</exception>
    public static async Task<CertificateChain> ReadAsync(string source, FileInfo? passwordFile, CancellationToken cancellationToken)
    {
        if (source == StandardInput)
        {
            return Parse("standard input", await ReadStandardInputAsync(cancellationToken).ConfigureAwait(false), passwordFile);
        }

        return !File.Exists(source) && ServerChain.TryParseAddress(source, out var host, out var port)
            ? await ServerChain.FetchAsync(host, port, cancellationToken).ConfigureAwait(false)
            : Parse(source, BoundedFile.Read(source), passwordFile);
    }

    public static CertificateChain Of(X509Certificate2Collection certificates) => new(certificates[0], [.. certificates.Skip(1)]);

    private static CertificateChain Parse(string source, byte[] content, FileInfo? passwordFile)
    {
        if (content.Length == 0)
        {
            throw new MeshIdentityException($"'{source}' is empty.");
        }

        try
        {
            return Of(X509Certificate2.GetCertContentType(content) switch
            {
                X509ContentType.Pkcs12 => Pkcs12(content, passwordFile),
                _ when content.AsSpan().IndexOf("-----BEGIN"u8) >= 0 => [.. BundlePem.Parse(content).X509Authorities],
                _ => [X509CertificateLoader.LoadCertificate(content)],
            });
        }
        catch (FormatException exception)
        {
            throw new MeshIdentityException($"'{source}': {exception.Message}", exception);
        }
        catch (CryptographicException exception)
        {
            throw new MeshIdentityException($"'{source}' holds no certificate that can be read (PEM, DER, or PKCS#12 with --password-file): {exception.Message}", exception);
        }
    }

    private static X509Certificate2Collection Pkcs12(byte[] content, FileInfo? passwordFile)
    {
        var password = passwordFile is null ? null : File.ReadAllText(passwordFile.FullName).TrimEnd('\r', '\n');
        var certificates = X509CertificateLoader.LoadPkcs12Collection(content, password);

        // The one with the key is the leaf, wherever it stands.
        return [.. certificates.OrderByDescending(static certificate => certificate.HasPrivateKey)];
    }

    private static async Task<byte[]> ReadStandardInputAsync(CancellationToken cancellationToken)
    {
        var input = Console.OpenStandardInput();
        await using var closing = input.ConfigureAwait(false);
        var content = new byte[SpiffeBundle.MaxBytes];
        var length = await input.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return content[..length];
    }
}
