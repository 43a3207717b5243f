using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Endpoints;
using Mesh.Client.Policy;
using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// Opens connections to one endpoint: dials its address, and for <c>https</c> shows this process's identity and checks
/// the peer's against the IDs the service may have.
/// </summary>
/// <remarks>
/// The handshake happens here and not in <see cref="SocketsHttpHandler"/>, whose TLS options are copied once into its
/// pool: each connection uses the identity and the policy of its own moment.
/// </remarks>
internal sealed class MeshConnector(Endpoint endpoint, Func<ServicePolicy> policy, IIdentitySource identity, TimeProvider time, Action review)
{
    private static readonly List<SslApplicationProtocol> Http11 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];
    private static readonly List<SslApplicationProtocol> Http2OrHttp11 = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    // SslStream builds a chain before it asks us. That chain decides nothing, so it must not go to the network.
    private static readonly X509ChainPolicy ChainPolicy = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    public async ValueTask<Stream> ConnectAsync(ConnectionPool pool, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var current = policy();
        using var timeout = new CancellationTokenSource(current.ConnectTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // The endpoint says what it speaks, not the request's URI: connections outlive the request that asked for
            // them, and that one's URI may have been put back to "https+http" by now.
            var isTls = endpoint.Scheme == Uri.UriSchemeHttps;
            if (!isTls && !current.AllowPlaintext)
            {
                throw new MeshTlsException(
                    PeerRefusal.PlaintextForbidden,
                    $"{NameOf(current)} speaks no TLS, and Tls:AllowPlaintext is false for it: give it an https endpoint, or allow plaintext.");
            }

            var stream = await DialAsync(isTls ? null : NameOf(current), linked.Token).ConfigureAwait(false);
            endpoint.CarriesOneAtATime = !MaySpeakHttp2(context.InitialRequestMessage, isTls);
            return isTls && current.TlsMode == ClientTlsMode.Mutual
                ? await SecureAsync(pool, stream, context.InitialRequestMessage, current, linked.Token).ConfigureAwait(false)
                : stream;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No connection to {endpoint.Address} of service '{current.Name}' within {current.ConnectTimeout}.");
        }
    }

    private async Task<DialledStream> DialAsync(string? plaintextTo, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.EndPoint, cancellationToken).ConfigureAwait(false);

            // SocketsHttpHandler asks for it where nobody expects an exception. Of a connection that was reset at once it
            // must fail here, as a connection that could not be made; otherwise the socket remembers it.
            _ = socket.RemoteEndPoint;
            return new DialledStream(socket, plaintextTo);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(ConnectionPool pool, DialledStream stream, HttpRequestMessage request, ServicePolicy current, CancellationToken cancellationToken)
    {
        var own = identity.Current;
        PeerVerdict verdict = default;
        var ssl = new PeerStream(stream, pool, own, NameOf(current), time);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = current.Name,
                ApplicationProtocols = ProtocolsFor(request),
                ClientCertificateContext = own.CertificateContext,
                EnabledSslProtocols = current.TlsProtocols,
                CertificateChainPolicy = ChainPolicy,

                // A resumed session would carry the trust of the day it began.
                AllowTlsResume = false,
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    var leaf = certificate as X509Certificate2;
                    var presented = chain?.ChainPolicy.ExtraStore;
                    verdict = Judge(leaf, presented, own.Trust, current);
                    ssl.Peer = verdict.Accepted ? new PresentedChain(leaf!, presented) : null;
                    return verdict.Accepted;
                },
            };
            await ssl.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            endpoint.Peer = verdict.Id;
            endpoint.CarriesOneAtATime = ssl.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2;
            pool.Add(ssl);
            if (!ReferenceEquals(own, identity.Current) || !ReferenceEquals(current, policy()))
            {
                // What has changed during the handshake was reviewed without this connection.
                review();
            }

            return ssl;
        }
        catch (Exception exception)
        {
            await ssl.DisposeAsync().ConfigureAwait(false);
            if (exception is AuthenticationException or IOException or CryptographicException)
            {
                throw Explain(exception, stream, verdict, own, current);
            }

            throw;
        }
    }

    private PeerVerdict Judge(X509Certificate2? leaf, X509Certificate2Collection? presented, TrustBundles trust, ServicePolicy current)
    {
        var verdict = PeerVerifier.Verify(leaf, presented, trust, time.GetUtcNow(), current.Peers.Aliases);
        var known = endpoint.Metadata.Identity;
        return !verdict.Accepted || current.Peers.Matches(verdict.Id!, known)
            ? verdict
            : new PeerVerdict(verdict.Id, PeerRefusal.UnexpectedId, $"the peer is '{verdict.Id}' and allowed is {current.Peers.Describe(known)}");
    }

    private MeshTlsException Explain(Exception exception, DialledStream stream, PeerVerdict verdict, X509Identity own, ServicePolicy current)
    {
        var name = NameOf(current);
        if (verdict.Refusal != PeerRefusal.None)
        {
            return new MeshTlsException(verdict.Refusal, $"{name} was refused: {verdict.Detail}.", exception);
        }

        if (stream.AnsweredInPlaintext)
        {
            return new MeshTlsException(PeerRefusal.PlaintextPeer, $"{name} answered a TLS handshake in plaintext: it does not speak TLS on this port.", exception);
        }

        var alert = TlsAlert.Find(exception);
        if (TlsAlert.RefusesCertificate(alert))
        {
            return new MeshTlsException(
                PeerRefusal.RefusedByPeer,
                $"{name} refused this process's certificate of '{own.Id}' ({TlsAlert.Describe(alert!.Value)}): its log says why.",
                exception);
        }

        var how = alert is { } known ? $"it ended the handshake with {TlsAlert.Describe(known)}"
            : stream.HasAnswered ? $"the handshake broke off. {exception.Message}"
            : "it closed the connection without an answer: it may not speak TLS on this port";
        return new MeshTlsException(PeerRefusal.HandshakeFailed, $"The TLS handshake of '{own.Id}' with {name} failed: {how}.", exception);
    }

    private string NameOf(ServicePolicy current) => $"Service '{current.Name}' at {endpoint.Address}";

    // Where the TLS is not ours, or there is none, nobody says what was negotiated.
    private static bool MaySpeakHttp2(HttpRequestMessage request, bool isTls) => isTls
        ? ProtocolsFor(request) != Http11
        : request is { Version.Major: >= 2, VersionPolicy: not HttpVersionPolicy.RequestVersionOrLower };

    // Mirrors how SocketsHttpHandler decides which kind of connection a request asks for.
    private static List<SslApplicationProtocol> ProtocolsFor(HttpRequestMessage request) => request switch
    {
        { Version.Major: >= 2, VersionPolicy: not HttpVersionPolicy.RequestVersionOrLower } => Http2,
        { Version.Major: >= 2 } or { VersionPolicy: HttpVersionPolicy.RequestVersionOrHigher } => Http2OrHttp11,
        _ => Http11,
    };
}
