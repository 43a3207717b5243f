using System.Collections.Concurrent;
using System.Security.Authentication;
using Mesh.Client.Policy;
using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// One generation of an endpoint's connections. <see cref="SocketsHttpHandler"/> cannot be told to let go of some of its
/// connections, so a generation is replaced as a whole, and finishes what it has begun.
/// </summary>
internal sealed class ConnectionPool : IDisposable
{
    // A request that saw this pool just before it was replaced is inside of the handler by then.
    private static readonly TimeSpan LetIn = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<PeerStream, bool> _open = new();
    private readonly HttpMessageInvoker _invoker;
    private readonly ClientTlsMode _mode;
    private readonly bool _allowPlaintext;
    private readonly SslProtocols _protocols;
    private readonly TimeSpan _maxAge;
    private readonly int _maxConnections;
    private readonly TimeProvider _time;
    private TimeSpan _rest;
    private ITimer? _timer;
    private volatile bool _isAborted;

    public ConnectionPool(MeshConnector connector, ServicePolicy policy, TimeProvider time, Random random)
    {
        _time = time;
        _mode = policy.TlsMode;
        _allowPlaintext = policy.AllowPlaintext;
        _protocols = policy.TlsProtocols;
        _maxAge = policy.MaxConnectionAge;
        _maxConnections = MaxConnectionsOf(policy);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (context, cancellationToken) => connector.ConnectAsync(this, context, cancellationToken),

            // Jittered, so that they do not all die together.
            PooledConnectionLifetime = _maxAge * (1 - (0.2 * random.NextDouble())),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            EnableMultipleHttp2Connections = true,
            MaxConnectionsPerServer = _maxConnections,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),

            // A service call is not a browser: no cookie jar, no redirect to somewhere else, no proxy.
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = false,
        });
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    public void Add(PeerStream connection)
    {
        _open[connection] = true;
        if (_isAborted)
        {
            connection.Abort();
        }
    }

    public void Remove(PeerStream connection) => _open.TryRemove(connection, out _);

    /// <summary>What is to become of these connections under the policy and identity in force now.</summary>
    /// <param name="policy">The policy of the service.</param>
    /// <param name="known">Who the endpoint is, where discovery knows.</param>
    /// <param name="identity">The identity of this process; <see langword="null"/> when it has lost it.</param>
    /// <param name="now">The time to verify peers at.</param>
    public ConnectionReview Review(ServicePolicy policy, SpiffeId? known, X509Identity? identity, DateTimeOffset now)
    {
        if (policy.TlsMode != _mode || policy.AllowPlaintext != _allowPlaintext || policy.TlsProtocols != _protocols)
        {
            return ConnectionReview.Refused;
        }

        var result = policy.MaxConnectionAge == _maxAge && MaxConnectionsOf(policy) == _maxConnections ? ConnectionReview.Good : ConnectionReview.Outdated;
        foreach (var (connection, _) in _open)
        {
            if (identity is null || IsRefused(connection, policy, known, identity, now))
            {
                return ConnectionReview.Refused;
            }

            if (!connection.Own.Leaf.RawDataMemory.Span.SequenceEqual(identity.Leaf.RawDataMemory.Span))
            {
                result = ConnectionReview.Outdated;
            }
        }

        return result;
    }

    /// <summary>Lets requests under way finish: idle connections close after a moment, busy ones when they become idle, and what is left is cut.</summary>
    /// <param name="bound">When it is cut.</param>
    public void Retire(TimeSpan bound)
    {
        var letIn = bound / 4 < LetIn ? bound / 4 : LetIn;
        _rest = bound - letIn;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = _time.CreateTimer(static self => ((ConnectionPool)self!).Close(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _timer.Change(letIn, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Closes idle connections now and busy ones when their requests end.</summary>
    public void Dispose() => _invoker.Dispose();

    // Runs twice: after the moment of grace, and at the bound.
    private void Close()
    {
        Dispose();
        if (_rest > TimeSpan.Zero && _timer!.Change(_rest, Timeout.InfiniteTimeSpan))
        {
            _rest = TimeSpan.Zero;
            return;
        }

        _timer!.Dispose();
        _isAborted = true;
        foreach (var (connection, _) in _open)
        {
            connection.Abort();
        }
    }

    private static int MaxConnectionsOf(ServicePolicy policy) => policy.Limits.Endpoint?.MaxConnections ?? int.MaxValue;

    private static bool IsRefused(PeerStream connection, ServicePolicy policy, SpiffeId? known, X509Identity identity, DateTimeOffset now)
    {
        var verdict = connection.Peer!.VerifyAgain(identity.Trust, now, policy.Peers.Aliases);
        return !verdict.Accepted || !policy.Peers.Matches(verdict.Id!, known);
    }
}
