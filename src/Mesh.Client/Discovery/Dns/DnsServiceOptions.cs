using Mesh.Configuration;

namespace Mesh.Client.Discovery.Dns;

/// <summary>Where DNS names one service: section <c>Mesh:Discovery:Dns:Services:{name}</c>.</summary>
public sealed class DnsServiceOptions
{
    /// <summary>The name to look up, complete. One that begins with an underscore is the whole name of an SRV record.</summary>
    /// <value>Default the service's name, with the suffix when it has no dot.</value>
    public string? Name { get; set; }

    /// <summary>Which records to look up.</summary>
    /// <value>Default <see cref="DnsDiscoveryOptions.Records"/>.</value>
    public DnsRecords? Records { get; set; }

    /// <summary>The port behind the addresses; SRV records bring their own.</summary>
    /// <value>Default 443 for <c>https</c> and 80 for <c>http</c>.</value>
    public int? Port { get; set; }

    /// <summary>The first label of an SRV record's name, without the underscore: <c>_{PortName}._tcp.{name}</c>.</summary>
    /// <value>Default the scheme, or <c>x</c> where calls use <c>https://_x.orders</c>.</value>
    public string? PortName { get; set; }

    internal static void Read(ConfigurationReader reader, DnsServiceOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Records = reader.OneOf<DnsRecords>(nameof(Records)) ?? options.Records;
        options.Port = reader.Integer(nameof(Port)) ?? options.Port;
        options.PortName = reader.Text(nameof(PortName)) ?? options.PortName;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        DnsDiscoveryOptions.CheckName($"{path}:{nameof(Name)}", Name, errors);
        errors.CheckRange($"{path}:{nameof(Port)}", Port, 1, 65535);
        if (PortName is { } port && (port.Length is 0 or > 62 || port.Contains('.', StringComparison.Ordinal) || port.StartsWith('_')))
        {
            errors.Add($"{path}:{nameof(PortName)}", port, "one label of a DNS name, without the underscore");
        }
    }
}
