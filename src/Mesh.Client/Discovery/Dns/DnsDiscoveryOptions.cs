using System.Net;
using Mesh.Configuration;

namespace Mesh.Client.Discovery.Dns;

/// <summary>Finds the endpoints of services in DNS: section <c>Mesh:Discovery:Dns</c>.</summary>
/// <remarks>
/// DNS is asked about a host that <see cref="Services"/> names, one without a dot, and one below a domain of
/// <see cref="Domains"/>. Every other host stays outside: a public API does not join the mesh because DNS knows it.
/// </remarks>
public sealed class DnsDiscoveryOptions
{
    /// <summary>Whether DNS is asked at all.</summary>
    /// <value>Default <see langword="true"/> where the section has any setting or <c>AddMeshDns()</c> was called.</value>
    public bool? Enabled { get; set; }

    /// <summary>What completes the name of a service that has no dot: <c>shop.svc.cluster.local</c>.</summary>
    /// <value>Default none; inside Kubernetes, the first search domain of <c>/etc/resolv.conf</c>.</value>
    public string? Suffix { get; set; }

    /// <summary>Domains whose hosts are services under their complete names: <c>svc.cluster.local</c>.</summary>
    /// <value>Default the suffix.</value>
    public List<string> Domains { get; set; } = [];

    /// <summary>The servers to ask, in order: <c>10.0.0.10</c>, <c>127.0.0.1:8053</c>, <c>[::1]:53</c>.</summary>
    /// <value>Default those of the operating system.</value>
    public List<string> NameServers { get; set; } = [];

    /// <summary>Which records to look up.</summary>
    /// <value>Default <see cref="DnsRecords.Address"/>.</value>
    public DnsRecords? Records { get; set; }

    /// <summary>Which addresses of a host are endpoints.</summary>
    /// <value>Default <see cref="DnsFamily.PreferIPv4"/>.</value>
    public DnsFamily? Family { get; set; }

    /// <summary>The shortest time between two look-ups, whatever the records say.</summary>
    /// <value>Default 1 second.</value>
    public TimeSpan? MinTtl { get; set; }

    /// <summary>The longest time between two look-ups, whatever the records say.</summary>
    /// <value>Default 60 seconds.</value>
    public TimeSpan? MaxTtl { get; set; }

    /// <summary>How long one server may take for one answer; it is asked twice, then the next.</summary>
    /// <value>Default 2 seconds.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Services by the host name that calls use.</summary>
    public IDictionary<string, DnsServiceOptions> Services { get; } = new Dictionary<string, DnsServiceOptions>(StringComparer.OrdinalIgnoreCase);

    internal static void Read(ConfigurationReader reader, DnsDiscoveryOptions options)
    {
        options.Enabled = reader.Boolean(nameof(Enabled)) ?? true;
        options.Suffix = reader.Text(nameof(Suffix)) ?? options.Suffix;
        options.Domains = reader.Texts(nameof(Domains)) ?? options.Domains;
        options.NameServers = reader.Texts(nameof(NameServers)) ?? options.NameServers;
        options.Records = reader.OneOf<DnsRecords>(nameof(Records)) ?? options.Records;
        options.Family = reader.OneOf<DnsFamily>(nameof(Family)) ?? options.Family;
        options.MinTtl = reader.Duration(nameof(MinTtl)) ?? options.MinTtl;
        options.MaxTtl = reader.Duration(nameof(MaxTtl)) ?? options.MaxTtl;
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
        reader.Map(nameof(Services), options.Services, DnsServiceOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        CheckName($"{path}:{nameof(Suffix)}", Suffix, errors);
        for (var i = 0; i < Domains.Count; i++)
        {
            CheckName($"{path}:{nameof(Domains)}:{i}", Domains[i], errors);
        }

        for (var i = 0; i < NameServers.Count; i++)
        {
            if (!IPEndPoint.TryParse(NameServers[i], out _))
            {
                errors.Add($"{path}:{nameof(NameServers)}:{i}", NameServers[i], "an IP address, with or without a port");
            }
        }

        errors.CheckDuration($"{path}:{nameof(MinTtl)}", MinTtl);
        errors.CheckDuration($"{path}:{nameof(MaxTtl)}", MaxTtl);
        errors.CheckDuration($"{path}:{nameof(Timeout)}", Timeout);
        if (MinTtl > MaxTtl)
        {
            errors.Add($"{path}:{nameof(MinTtl)}", MinTtl, $"at most MaxTtl, '{MaxTtl}'");
        }

        foreach (var (name, service) in Services)
        {
            service.Validate($"{path}:{nameof(Services)}:{name}", errors);
        }
    }

    internal static void CheckName(string path, string? name, ConfigurationErrors errors)
    {
        // RFC 1035, 2.3.4: 63 octets a label, 253 characters in all.
        if (name is not null && (name.Trim('.').Length is 0 or > 253 || Array.Exists(name.Trim('.').Split('.'), static label => label.Length is 0 or > 63)))
        {
            errors.Add(path, name, "a DNS name");
        }
    }
}
