using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>A discovery provider that knows every service by the same addresses, and falls ill when told to.</summary>
internal sealed class ScriptedDiscovery : IServiceEndpointProviderFactory, IServiceEndpointProvider
{
    private Script _script = new([], IsFailing: false);
    private ConfigurationReloadToken _changed = new();

    /// <summary>Names these addresses from now on.</summary>
    public void Name(params string[] addresses) => Change(new Script([.. addresses.Select(IPEndPoint.Parse)], IsFailing: false));

    public void Name(IEnumerable<IPEndPoint> addresses) => Change(new Script([.. addresses], IsFailing: false));

    /// <summary>Throws from now on.</summary>
    public void Fail() => Change(new Script([], IsFailing: true));

    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = this;
        return true;
    }

    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        endpoints.AddChangeToken(Volatile.Read(ref _changed));
        var script = Volatile.Read(ref _script);
        if (script.IsFailing)
        {
            throw new InvalidOperationException("The registry is ill.");
        }

        foreach (var address in script.Addresses)
        {
            endpoints.Endpoints.Add(ServiceEndpoint.Create(address));
        }

        return default;
    }

    public ValueTask DisposeAsync() => default;

    private void Change(Script script)
    {
        Volatile.Write(ref _script, script);
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }

    private sealed record Script(IPEndPoint[] Addresses, bool IsFailing);
}
