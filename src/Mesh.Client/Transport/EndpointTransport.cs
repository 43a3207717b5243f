using Mesh.Client.Endpoints;
using Mesh.Client.Policy;

namespace Mesh.Client.Transport;

/// <summary>
/// The connections of one endpoint. Because every connection it opens goes to that endpoint, requests keep the
/// service's name in their URI and <c>Host</c>: nothing is rewritten or allocated per call.
/// </summary>
/// <remarks>
/// When identity, trust or policy changes, the pool is replaced: new requests open new connections, those under way
/// finish on the old ones, and what is left after the drain time-out is cut.
/// </remarks>
internal sealed class EndpointTransport : IDisposable
{
    // The rest of the bound is for requests under way.
    private const double SpreadOfBound = 0.25;

    private readonly Endpoint _endpoint;
    private readonly Func<ServicePolicy> _policy;
    private readonly ConnectionRotation _rotation;
    private readonly MeshConnector _connector;
    private readonly Lock _lock = new();
    private volatile ConnectionPool _pool;
    private ITimer? _replacement;
    private long _dueSince;
    private bool _isDisposed;

    public EndpointTransport(Endpoint endpoint, Func<ServicePolicy> policy, ConnectionRotation rotation)
    {
        _endpoint = endpoint;
        _policy = policy;
        _rotation = rotation;
        _connector = new MeshConnector(endpoint, policy, rotation.Identity, rotation.Time, Review);
        _pool = CreatePool();
        rotation.Add(this);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pool = _pool;
        try
        {
            return pool.SendAsync(request, cancellationToken);
        }
        catch (ObjectDisposedException) when (pool != _pool)
        {
            // Replaced and closed since the line above. The handler refuses before it looks at the request.
            return _pool.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Compares open connections with what is in force now and replaces them where they no longer fit.</summary>
    public void Review()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            switch (_pool.Review(_policy(), _endpoint.Metadata.Identity, _rotation.CurrentIdentity(), _rotation.Time.GetUtcNow()))
            {
                case ConnectionReview.Refused:
                    Replace();
                    break;
                case ConnectionReview.Outdated when _replacement is null:
                    ReplaceLater();
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Closes idle connections now and busy ones when their requests end.</summary>
    public void Dispose()
    {
        _rotation.Remove(this);
        lock (_lock)
        {
            _isDisposed = true;
            _replacement?.Dispose();
            _pool.Dispose();
        }
    }

    private ConnectionPool CreatePool() => new(_connector, _policy(), _rotation.Time, _rotation.Random);

    // Endpoints take turns: not every connection of the process is to be opened anew in the same moment.
    private void ReplaceLater()
    {
        _dueSince = _rotation.Time.GetTimestamp();
        var delay = _policy().DrainTimeout * (SpreadOfBound * _rotation.Random.NextDouble());
        using (ExecutionContext.SuppressFlow())
        {
            _replacement = _rotation.Time.CreateTimer(static self => ((EndpointTransport)self!).ReplaceNow(), this, delay, Timeout.InfiniteTimeSpan);
        }
    }

    private void ReplaceNow()
    {
        lock (_lock)
        {
            if (!_isDisposed && _replacement is not null)
            {
                Replace();
            }
        }
    }

    private void Replace()
    {
        var waited = _replacement is null ? TimeSpan.Zero : _rotation.Time.GetElapsedTime(_dueSince);
        _replacement?.Dispose();
        _replacement = null;
        var old = _pool;
        _pool = CreatePool();
        var rest = _policy().DrainTimeout - waited;
        old.Retire(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
    }
}
