using System.Diagnostics.CodeAnalysis;
using Mesh.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Dns;

/// <summary>Makes the DNS provider of each service. Whether it has anything to say, it decides each time it is asked: a reload may change that.</summary>
internal sealed class DnsEndpointProviderFactory : IServiceEndpointProviderFactory
{
    private readonly PolicySource<DnsPolicy> _policies;
    private readonly IConfigurationSection _services;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private ConfigurationReloadToken _changed = new();

    public DnsEndpointProviderFactory(PolicySource<DnsPolicy> policies, IConfigurationSection services, TimeProvider time, Random random, ILogger logger)
    {
        _policies = policies;
        _services = services;
        _time = time;
        _random = random;
        _logger = logger;
        policies.OnChange(_ => Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload());
    }

    public DnsPolicy Policy => _policies.Current;

    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = new DnsEndpointProvider(query, this);
        return true;
    }

    /// <summary>A token that fires when the policy changes.</summary>
    public IChangeToken GetChangeToken() => Volatile.Read(ref _changed);

    /// <summary>Whether the configuration says where a service is, be it for another scheme than the one asked for.</summary>
    public bool IsConfigured(string service) => _services.GetSection(service).Exists();

    public DnsWatch Watch(DnsTarget target, DnsPolicy policy, DnsAnswer? lastKnown) => new(target, policy, lastKnown, _time, _random, _logger);
}
