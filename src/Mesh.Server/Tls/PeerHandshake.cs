using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Policy;
using Mesh.Server.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tls;

/// <summary>The server's side of a mutual TLS handshake: shows this process's identity in force and verifies the peer's.</summary>
internal sealed partial class PeerHandshake(
    PolicySource<ServerPolicy> policies,
    IIdentitySource identities,
    ConnectionDrain drain,
    TrustDomainAliases aliases,
    TimeProvider time,
    MeshServerTelemetry telemetry,
    ILogger<PeerHandshake> logger)
{
    /// <summary>The identity in force.</summary>
    public X509Identity Identity => identities.Current;

    /// <summary>Prepares one handshake of an endpoint that knows the mesh only by Kestrel's defaults.</summary>
    /// <returns><see langword="false"/> at an edge, where peers are not asked and the endpoint has a certificate of its own.</returns>
    public bool TryConfigure(ConnectionContext connection, SslServerAuthenticationOptions tls)
    {
        var mode = policies.Current.PeerAuthenticationAt(MeshListener.PortOf(connection), listener: null);
        if (mode == PeerAuthenticationMode.Disabled)
        {
            return false;
        }

        ConfigureMutual(connection, tls, listener: null, mode, own: null);
        return true;
    }

    /// <summary>Prepares one handshake of <paramref name="listener"/>.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="tls">What is prepared.</param>
    /// <param name="listener">Where it came in.</param>
    /// <param name="serverName">The host name the caller asks for (SNI); empty for none.</param>
    public void Configure(ConnectionContext connection, SslServerAuthenticationOptions tls, MeshListener listener, string? serverName)
    {
        var policy = policies.Current;
        var mode = policy.PeerAuthenticationAt(MeshListener.PortOf(connection), listener);
        var own = policy.Tls.Certificates.Find(serverName);
        if (mode == PeerAuthenticationMode.Disabled)
        {
            tls.EnabledSslProtocols = policy.Tls.Protocols;
            tls.ServerCertificateContext = own ?? policy.Tls.Certificates.First ?? CurrentIdentity().CertificateContext;
        }
        else
        {
            ConfigureMutual(connection, tls, listener, mode, own);
        }
    }

    private void ConfigureMutual(ConnectionContext connection, SslServerAuthenticationOptions tls, MeshListener? listener, PeerAuthenticationMode mode, SslStreamCertificateContext? own)
    {
        var identity = CurrentIdentity();
        var peer = drain.Open(connection, identity, listener);
        connection.Features.Set(peer);
        tls.EnabledSslProtocols = policies.Current.Tls.Protocols;
        tls.ServerCertificate = null;
        tls.ServerCertificateSelectionCallback = null;
        tls.ServerCertificateContext = own ?? identity.CertificateContext;
        tls.ClientCertificateRequired = true;

        // A resumed session is not verified again: an expired or rotated peer would live on in its ticket.
        tls.AllowTlsResume = false;

        // The chain that SslStream builds before it asks us is never used; it must not go to the network for what the peer names.
        tls.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        var remote = connection.RemoteEndPoint;
        tls.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            Verify(peer, mode, identity, certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore, remote);
    }

    private bool Verify(
        PeerConnection peer,
        PeerAuthenticationMode mode,
        X509Identity identity,
        X509Certificate2? leaf,
        X509Certificate2Collection? presented,
        EndPoint? remote)
    {
        if (leaf is null && mode == PeerAuthenticationMode.Permissive)
        {
            return true;
        }

        var verdict = PeerVerifier.Verify(leaf, presented, identity.Trust, time.GetUtcNow(), aliases);
        if (verdict.Accepted)
        {
            drain.Accepted(peer, identity, verdict.Id!, new PresentedChain(leaf!, presented));
            return true;
        }

        telemetry.HandshakeRefused(verdict.Refusal);
        Log.PeerRefused(logger, remote, verdict.Refusal, verdict.Detail);
        return false;
    }

    private X509Identity CurrentIdentity()
    {
        try
        {
            return identities.Current;
        }
        catch (MeshIdentityException exception)
        {
            Log.NoIdentity(logger, exception.Message);
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The TLS handshake of {Remote} was refused ({Refusal}): {Detail}.")]
        public static partial void PeerRefused(ILogger logger, EndPoint? remote, PeerRefusal refusal, string? detail);

        [LoggerMessage(2, LogLevel.Error, "A TLS connection cannot be accepted. {Reason}")]
        public static partial void NoIdentity(ILogger logger, string reason);
    }
}
