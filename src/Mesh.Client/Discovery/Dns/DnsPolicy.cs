using System.Collections.Frozen;
using System.Net;
using DnsClient;
using Mesh.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Dns;

/// <summary>The compiled form of <see cref="DnsDiscoveryOptions"/>.</summary>
internal sealed class DnsPolicy
{
    private readonly FrozenDictionary<string, DnsServiceOptions> _services;
    private readonly string[] _domains;
    private readonly string? _suffix;
    private readonly DnsRecords _records;

    private DnsPolicy(DnsDiscoveryOptions options)
    {
        IsEnabled = options.Enabled ?? false;
        _suffix = (options.Suffix ?? (IsEnabled ? KubernetesDomain.Find() : null))?.Trim('.');
        _domains = [.. options.Domains.Select(static domain => domain.Trim('.')), .. _suffix is null ? [] : new[] { _suffix }];
        _services = options.Services.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _records = options.Records ?? default;
        MinTtl = options.MinTtl ?? TimeSpan.FromSeconds(1);
        MaxTtl = options.MaxTtl ?? TimeSpan.FromSeconds(Math.Max(60, MinTtl.TotalSeconds));
        if (MinTtl > MaxTtl)
        {
            MinTtl = MaxTtl;
        }

        Lookup = new DnsLookup(
            [.. options.NameServers.Select(ToNameServer)],
            options.Timeout ?? TimeSpan.FromSeconds(2),
            options.Family ?? default);
    }

    public bool IsEnabled { get; }

    public TimeSpan MinTtl { get; }

    public TimeSpan MaxTtl { get; }

    public DnsLookup Lookup { get; }

    public static DnsPolicy Compile(DnsDiscoveryOptions options, string path, ConfigurationErrors errors)
    {
        options.Validate(path, errors);
        return new DnsPolicy(errors.All.Count == 0 ? options : new DnsDiscoveryOptions());
    }

    /// <summary>What to ask for a service, or <see langword="null"/> when DNS is not asked about it.</summary>
    public DnsTarget? TargetOf(ServiceEndpointQuery query)
    {
        var service = query.ServiceName.TrimEnd('.');
        if (!IsEnabled || (!_services.TryGetValue(service, out var declared) && !Belongs(service)))
        {
            return null;
        }

        var records = declared?.Records ?? _records;
        var name = declared?.Name?.Trim('.') ?? Complete(service);
        if (records == DnsRecords.Srv && !name.StartsWith('_'))
        {
            name = $"_{query.EndpointName ?? declared?.PortName ?? query.IncludedSchemes.FirstOrDefault("https")}._tcp.{name}";
        }

        return new DnsTarget(name, records, declared?.Port ?? 0);
    }

    private bool Belongs(string service)
    {
        if (IPAddress.TryParse(service, out _) || IsOrEndsWith(service, "localhost"))
        {
            return false;
        }

        return !service.Contains('.', StringComparison.Ordinal) || Array.Exists(_domains, domain => IsOrEndsWith(service, domain));
    }

    private string Complete(string service) =>
        _suffix is null || service.Contains('.', StringComparison.Ordinal) ? service : $"{service}.{_suffix}";

    private static bool IsOrEndsWith(string name, string domain) =>
        name.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
        && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.');

    private static NameServer ToNameServer(string text)
    {
        var address = IPEndPoint.Parse(text);
        return new NameServer(address.Address, address.Port == 0 ? NameServer.DefaultPort : address.Port);
    }
}
