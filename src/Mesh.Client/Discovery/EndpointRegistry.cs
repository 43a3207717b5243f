using Mesh.Client.Endpoints;
using Mesh.Client.Transport;

namespace Mesh.Client.Discovery;

/// <summary>
/// Keeps one <see cref="Endpoint"/> per address of a service: those discovery names now, and those it named a moment
/// ago, which finish their requests before they are disposed. Used by one watcher; not thread-safe.
/// </summary>
internal sealed class EndpointRegistry(string scheme, Func<Endpoint, EndpointTransport> createTransport, TimeProvider time)
{
    // A call may have read the old set just before the change; by then it has long begun its attempt.
    private static readonly TimeSpan DrainAtLeast = TimeSpan.FromSeconds(10);

    private readonly Dictionary<EndpointAddress, Endpoint> _current = [];
    private readonly Dictionary<EndpointAddress, (Endpoint Endpoint, long Since)> _draining = [];

    /// <summary>Takes over the addresses discovery names now.</summary>
    /// <returns>The endpoints, or <see langword="null"/> when nothing changed.</returns>
    public Endpoint[]? Update(IReadOnlyCollection<EndpointAddress> addresses)
    {
        var named = addresses.ToHashSet();
        var changed = false;
        foreach (var address in _current.Keys.Where(address => !named.Contains(address)).ToArray())
        {
            _draining[address] = (_current[address], time.GetTimestamp());
            _current.Remove(address);
            changed = true;
        }

        foreach (var address in named)
        {
            if (_current.ContainsKey(address))
            {
                continue;
            }

            _current[address] = _draining.Remove(address, out var returning)
                ? returning.Endpoint
                : new Endpoint(address, scheme, createTransport);
            changed = true;
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

        foreach (var (address, (endpoint, since)) in _draining.ToArray())
        {
            if (endpoint.Active == 0 && time.GetElapsedTime(since) >= DrainAtLeast)
            {
                _draining.Remove(address);
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
