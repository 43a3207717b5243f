using Mesh.Client.Endpoints;
using Mesh.Client.Transport;

namespace Mesh.Client.Discovery;

/// <summary>
/// Keeps one <see cref="Endpoint"/> per address of a service: those discovery names now, and those it named a moment
/// ago, which finish their requests before they are disposed. Used by one watcher; not thread-safe.
/// </summary>
/// <remarks>The scheme is part of the key: an address that turns from plain text to TLS needs other connections.</remarks>
internal sealed class EndpointRegistry(Func<Endpoint, EndpointTransport> createTransport, TimeProvider time)
{
    // A call may have read the old set just before the change; by then it has long begun its attempt.
    private static readonly TimeSpan DrainAtLeast = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(string Scheme, EndpointAddress Address), Endpoint> _current = [];
    private readonly Dictionary<(string Scheme, EndpointAddress Address), (Endpoint Endpoint, long Since)> _draining = [];

    /// <summary>Takes over what discovery names now. Of an address named twice, the first metadata count.</summary>
    /// <returns>The endpoints, or <see langword="null"/> when nothing changed.</returns>
    public Endpoint[]? Update(string scheme, IReadOnlyCollection<DiscoveredEndpoint> discovered)
    {
        Dictionary<(string Scheme, EndpointAddress Address), EndpointMetadata> named = new(discovered.Count);
        foreach (var (address, metadata) in discovered)
        {
            named.TryAdd((scheme, address), metadata);
        }

        var joinedAt = _current.Count == 0 ? long.MinValue / 2 : time.GetTimestamp();
        var changed = false;
        foreach (var key in _current.Keys.Where(key => !named.ContainsKey(key)).ToArray())
        {
            _draining[key] = (_current[key], time.GetTimestamp());
            _current.Remove(key);
            changed = true;
        }

        foreach (var (key, metadata) in named)
        {
            if (!_current.TryGetValue(key, out var endpoint))
            {
                _current[key] = endpoint = _draining.Remove(key, out var returning)
                    ? returning.Endpoint
                    : new Endpoint(key.Address, scheme, createTransport, time) { JoinedAt = joinedAt };
                changed = true;
            }

            if (!endpoint.Metadata.Equals(metadata))
            {
                endpoint.Metadata = metadata;
                changed = true;
            }
        }

        return changed ? [.. _current.Values] : null;
    }

    /// <summary>The control plane's beat: disposes what has drained and ages the latency figures.</summary>
    public void Sweep()
    {
        foreach (var endpoint in _current.Values)
        {
            endpoint.Latency.Age();
        }

        foreach (var (key, (endpoint, since)) in _draining.ToArray())
        {
            if (endpoint.Active == 0 && time.GetElapsedTime(since) >= DrainAtLeast)
            {
                _draining.Remove(key);
                endpoint.Dispose();
            }
        }
    }

    public void DisposeAll()
    {
        foreach (var endpoint in _current.Values.Concat(_draining.Values.Select(static item => item.Endpoint)))
        {
            endpoint.Dispose();
        }
    }
}
