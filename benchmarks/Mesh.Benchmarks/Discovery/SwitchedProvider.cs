using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Benchmarks.Discovery;

/// <summary>Discovery that names whatever it is told, and says so at once.</summary>
internal sealed class SwitchedProvider : IServiceEndpointProviderFactory, IServiceEndpointProvider
{
    private ServiceEndpoint[] _endpoints = [];
    private ConfigurationReloadToken _changed = new();

    public void Name(ServiceEndpoint[] endpoints)
    {
        Volatile.Write(ref _endpoints, endpoints);
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }

    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = this;
        return true;
    }

    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        endpoints.AddChangeToken(Volatile.Read(ref _changed));
        foreach (var endpoint in Volatile.Read(ref _endpoints))
        {
            endpoints.Endpoints.Add(endpoint);
        }

        return default;
    }

    public ValueTask DisposeAsync() => default;
}
