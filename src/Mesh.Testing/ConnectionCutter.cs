using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Testing;

/// <summary>Knows the connections of a listener, below TLS, and can break them all: neither alert nor GOAWAY gets out.</summary>
internal sealed class ConnectionCutter
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();
    private volatile bool _cut;

    public void Watch(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        _open[connection] = true;
        if (_cut)
        {
            connection.Abort();
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    });

    public void Cut()
    {
        _cut = true;
        foreach (var connection in _open.Keys)
        {
            connection.Abort();
        }
    }
}
