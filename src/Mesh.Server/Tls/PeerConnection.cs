using System.Net;
using Mesh.Identity;
using Mesh.Server.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tls;

/// <summary>
/// Who is at the other end of one TLS connection. Found once, in the handshake, and kept among the connection's features,
/// through which every request of the connection sees it.
/// </summary>
internal sealed class PeerConnection
{
    private readonly ConnectionContext _connection;
    private readonly IConnectionLifetimeNotificationFeature? _lifetime;
    private volatile SpiffeId? _peer;
    private volatile SeenToken? _lastToken;
    private volatile bool _isDraining;
    private volatile bool _hasAsked;

    /// <param name="connection">The connection, before its handshake.</param>
    /// <param name="own">What this process shows.</param>
    /// <param name="listener">Where it came in; <see langword="null"/> for an endpoint that knows the mesh by Kestrel's defaults.</param>
    public PeerConnection(ConnectionContext connection, X509Identity own, MeshListener? listener)
    {
        _connection = connection;
        _lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        Own = own;
        Listener = listener;
    }

    /// <summary>Where it came in.</summary>
    public MeshListener? Listener { get; }

    /// <summary>The identity this process showed.</summary>
    public X509Identity Own { get; }

    /// <summary>What an accepted peer presented; <see langword="null"/> when it was not asked or showed nothing.</summary>
    public PresentedChain? Presented { get; set; }

    /// <summary>The peer's ID, or <see langword="null"/> when none was verified or it is trusted no more.</summary>
    public SpiffeId? Peer
    {
        get => _peer;
        set => _peer = value;
    }

    /// <summary>The token that came with its last request.</summary>
    public SeenToken? LastToken
    {
        get => _lastToken;
        set => _lastToken = value;
    }

    /// <summary>What the peer showed, in the form that proxies pass on; made once.</summary>
    public ForwardedClientCertificate? Certificate => field ??= Presented?.Describe(Own.Id);

    /// <summary>When its certificate was found good, as a timestamp. Belongs to <see cref="ConnectionDrain"/>.</summary>
    public long AcceptedAt { get; set; }

    /// <summary>When it is asked to close, as a timestamp. Belongs to <see cref="ConnectionDrain"/>.</summary>
    public long DrainAt { get; set; } = long.MaxValue;

    /// <summary>When it is cut, as a timestamp. Belongs to <see cref="ConnectionDrain"/>.</summary>
    public long AbortAt { get; set; } = long.MaxValue;

    public bool IsDraining => _isDraining;

    /// <summary>Whether it has closed. Belongs to <see cref="ConnectionDrain"/>.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether a request has come over it.</summary>
    public bool HasServed { get; private set; }

    /// <summary>Where the peer is.</summary>
    public EndPoint? Remote => _connection.RemoteEndPoint;

    public void OnClosed(Action<PeerConnection> action) => _connection.ConnectionClosed.UnsafeRegister(
        static state =>
        {
            var (action, self) = ((Action<PeerConnection>, PeerConnection))state!;
            action(self);
        },
        (action, this));

    /// <summary>
    /// Asks the peer to open another connection, at its next request: an idle connection is not closed under a request that may
    /// be on its way.
    /// </summary>
    public void Drain() => _isDraining = true;

    /// <summary>Closes it when it is idle, or after the request it is serving.</summary>
    public void CloseWhenIdle() => _lifetime?.RequestClose();

    /// <summary>Cuts it, whatever it is carrying.</summary>
    public void Abort() => _connection.Abort(new ConnectionAbortedException("The connection was made under an identity or trust that is in force no more."));

    /// <summary>
    /// Takes note of a request. When the connection drains, its response is the last over HTTP/1.1; over HTTP/2 the peer is
    /// told while the request runs (RFC 9113, 6.8: GOAWAY first, and time for what is on its way). Between two requests
    /// Kestrel would close at once.
    /// </summary>
    public void Serve(HttpContext http)
    {
        HasServed = true;
        if (!_isDraining)
        {
            return;
        }

        if (HttpProtocol.IsHttp11(http.Request.Protocol) || HttpProtocol.IsHttp10(http.Request.Protocol))
        {
            http.Response.Headers.Connection = "close";
        }
        else if (!_hasAsked)
        {
            _hasAsked = true;
            _lifetime?.RequestClose();
        }
    }
}
