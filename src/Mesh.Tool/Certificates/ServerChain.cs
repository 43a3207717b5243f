using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Tool.Certificates;

/// <summary>The certificates that a server shows in a handshake, whatever they are worth.</summary>
internal static class ServerChain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static bool TryParseAddress(string source, [NotNullWhen(true)] out string? host, out int port)
    {
        var colon = source.LastIndexOf(':');
        host = colon > 0 ? source[..colon].TrimStart('[').TrimEnd(']') : null;
        port = 0;
        return host is not null
            && Uri.CheckHostName(host) != UriHostNameType.Unknown
            && int.TryParse(source.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= ushort.MaxValue;
    }

    /// <exception cref="MeshIdentityException">Nobody answers there, or not with TLS.</exception>
    public static async Task<CertificateChain> FetchAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var shown = new X509Certificate2Collection();
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
            var tls = new SslStream(connection.GetStream());
            await using var closing = tls.ConfigureAwait(false);
            await tls.AuthenticateAsClientAsync(OptionsFor(host, shown), limit.Token).ConfigureAwait(false);
        }
        catch (Exception) when (shown.Count > 0)
        {
            // The end of the handshake, once the server has shown what was asked for.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeshIdentityException($"{host}:{port} did not show a certificate within {Patience.TotalSeconds} s.");
        }
        catch (Exception exception) when (exception is SocketException or IOException or AuthenticationException)
        {
            throw new MeshIdentityException($"{host}:{port} showed no certificate: {exception.Message}", exception);
        }

        return CertificateChain.Of(shown);
    }

    private static SslClientAuthenticationOptions OptionsFor(string host, X509Certificate2Collection shown) => new()
    {
        TargetHost = host,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, leaf, chain, _) =>
        {
            // Copies, because the stream disposes its own.
            if (leaf is not null)
            {
                shown.Add(X509CertificateLoader.LoadCertificate(leaf.GetRawCertData()));
                foreach (var other in chain!.ChainPolicy.ExtraStore)
                {
                    shown.Add(X509CertificateLoader.LoadCertificate(other.RawDataMemory.Span));
                }
            }

            // To look at, not to trust: the handshake ends here.
            return false;
        },
    };
}
