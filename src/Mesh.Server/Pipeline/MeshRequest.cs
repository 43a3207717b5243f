using System.Net;
using Mesh.Authorization;
using Mesh.Identity;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Authentication.Sessions;
using Mesh.Server.Deadlines;
using Mesh.Server.LoadShedding;
using Mesh.Server.Policy;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;

namespace Mesh.Server.Pipeline;

/// <summary>What <c>UseMesh()</c> has found out about a request: a feature of its <see cref="HttpContext"/>.</summary>
/// <example>
/// <code>
/// var caller = context.Features.Get&lt;MeshRequest&gt;()?.Peer;
/// </code>
/// </example>
public sealed class MeshRequest : IAuthorizationAttributes
{
    private readonly HttpContext _http;

    internal MeshRequest(HttpContext http, SpiffeId? peer, string path, Deadline deadline)
    {
        _http = http;
        Peer = peer;
        Path = path;
        Deadline = deadline;
    }

    /// <summary>The verified SPIFFE ID of the calling service; <see langword="null"/> when it showed no certificate.</summary>
    public SpiffeId? Peer { get; }

    /// <summary>The certificate of <see cref="Peer"/>, in the form in which a proxy passes it on; <see langword="null"/> without a peer.</summary>
    public ForwardedClientCertificate? PeerCertificate => Peer is null ? null : Connection?.Certificate;

    /// <summary>
    /// The client certificates that proxies on the way have seen, the newest last, as a peer among
    /// <c>Mesh:Server:ForwardedClientCertificate:TrustedPeers</c> says; empty otherwise.
    /// </summary>
    public IReadOnlyList<ForwardedClientCertificate> ForwardedCertificates { get; internal set; } = [];

    /// <summary>
    /// The certificate of the client in front of the trusted proxies: the newest that is not one of a trusted proxy itself.
    /// <see langword="null"/> when none was forwarded.
    /// </summary>
    public ForwardedClientCertificate? ForwardedClient { get; internal set; }

    /// <summary>The canonical path in its escaped form: the one that is authorized and routed.</summary>
    public string Path { get; }

    /// <summary><see cref="Path"/> with the escapes of delimiters (<c>%3B</c>) that the caller wrote: what a gateway sends on.</summary>
    public string EscapedPath { get; internal init; } = "";

    /// <summary>When the caller stops waiting for the beginning of the response, or this service's own bound if that is sooner; from routing on, the endpoint's own where it has one.</summary>
    public Deadline Deadline { get; internal set; }

    /// <summary><c>{issuer}/{subject}</c> of the validated token, else <c>api-key/{consumer}</c> of the API key, else <c>{issuer}/{subject}</c> of the session; <see langword="null"/> without any.</summary>
    public string? RequestPrincipal => Token?.Principal ?? ApiKey?.Principal ?? Session?.Principal;

    /// <summary>By what the caller has proved who it is.</summary>
    public CallerCredentials Credentials =>
        (Token is null ? CallerCredentials.None : CallerCredentials.Token)
        | (ApiKey is null ? CallerCredentials.None : CallerCredentials.ApiKey)
        | (Peer is null ? CallerCredentials.None : CallerCredentials.Certificate)
        | (Session is null ? CallerCredentials.None : CallerCredentials.Session);

    /// <summary>The session of a browser whose user has logged in; <see langword="null"/> without one, and beside a token or an API key.</summary>
    public CallerSession? Session { get; internal set; }

    /// <summary>What the token, else the API key, else the session says; <see langword="null"/> without any.</summary>
    public TokenClaims? Claims => Token?.Claims ?? ApiKey?.Claims ?? Session?.Claims;

    /// <summary>Whom the API key of the request belongs to; <see langword="null"/> without one.</summary>
    public string? Consumer => ApiKey?.Record.Consumer;

    // The socket's own: Connection.RemoteIpAddress is what trusted proxies say, where the application listens to them.
    IPAddress? IAuthorizationAttributes.SourceAddress => (_http.Features.Get<IConnectionSocketFeature>()?.Socket.RemoteEndPoint as IPEndPoint)?.Address;

    IPAddress? IAuthorizationAttributes.RemoteAddress => _http.Connection.RemoteIpAddress;

    IPAddress? IAuthorizationAttributes.DestinationAddress => _http.Connection.LocalIpAddress;

    int IAuthorizationAttributes.DestinationPort => _http.Connection.LocalPort;

    string? IAuthorizationAttributes.ServerName => _http.Features.Get<ISslStreamFeature>()?.SslStream.TargetHostName;

    internal MeshContext? Context { get; set; }

    /// <summary>What holds for the whole of it, whatever is loaded meanwhile.</summary>
    internal ServerPolicy Policy { get; init; } = null!;

    /// <summary>How much it matters when there is too much to do.</summary>
    internal Criticality Criticality { get; set; }

    /// <summary><see langword="null"/> for plaintext.</summary>
    internal PeerConnection? Connection { get; init; }

    /// <summary>What is asked of peers where it came in.</summary>
    internal PeerAuthenticationMode PeerAuthentication { get; init; }

    /// <summary>What the caller alone has said, counted from the beginning of the request.</summary>
    internal InboundDeadline CallersDeadline { get; init; } = InboundDeadline.None;

    internal ValidatedToken? Token { get; set; }

    /// <summary>The text of <see cref="Token"/>.</summary>
    internal CallerToken? CallerToken { get; set; }

    internal ValidatedApiKey? ApiKey { get; set; }

    /// <summary>What holds for it when there is too much to do, besides the limit of all.</summary>
    internal SheddingRoute? SheddingRoute { get; set; }

    /// <summary>Whether the application was asked, and not the mesh alone.</summary>
    internal bool WasServed { get; set; }

    /// <summary>
    /// Takes the credentials that were checked out of the request, so that nobody behind sees them: for who passes requests on.
    /// What has not been checked, because nothing here asks for it, stays.
    /// </summary>
    public void RemoveCredentials() => Policy.Authentication.Remove(_http.Request, this);

    StringValues IAuthorizationAttributes.Header(string name) => _http.Request.Headers[name];

    internal AuthorizationRequest ForAuthorization() =>
        new(Peer, RequestPrincipal, _http.Request.Host.Value ?? "", _http.Request.Method, Path) { Attributes = this };
}
