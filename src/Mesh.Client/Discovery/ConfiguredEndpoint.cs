using Mesh.Client.Endpoints;
using Mesh.Configuration;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Discovery;

/// <summary>One entry of the section <c>Services:{name}:{scheme}</c>: an address, and what is said about it.</summary>
internal sealed class ConfiguredEndpoint
{
    private string? _address;
    private int? _weight;
    private int? _priority;
    private string? _region;
    private string? _zone;
    private string? _subZone;
    private string? _version;
    private string? _identity;
    private IReadOnlyDictionary<string, string>? _labels;

    /// <summary>Where it is, as Microsoft's provider writes it: <c>host:port</c> or a URI.</summary>
    public string Address { get; private set; } = "";

    public EndpointMetadata Metadata { get; private set; } = EndpointMetadata.Default;

    /// <summary>Reads an entry: a plain address, a section with an <c>Address</c>, or, as environment variables can have it, an address with settings below it.</summary>
    public static ConfiguredEndpoint Read(IConfigurationSection section, ConfigurationErrors errors)
    {
        var endpoint = new ConfiguredEndpoint { _address = section.Value };
        ConfigurationReader.Read(section, errors, endpoint, Read);
        endpoint.Complete(section.Path, errors);
        return endpoint;
    }

    private static void Read(ConfigurationReader reader, ConfiguredEndpoint endpoint)
    {
        endpoint._address = reader.Text("Address") ?? endpoint._address;
        endpoint._weight = reader.Integer("Weight");
        endpoint._priority = reader.Integer("Priority");
        endpoint._region = reader.Text("Region");
        endpoint._zone = reader.Text("Zone");
        endpoint._subZone = reader.Text("SubZone");
        endpoint._version = reader.Text("Version");
        endpoint._identity = reader.Text("Identity");
        endpoint._labels = reader.TextMap("Labels");
    }

    private void Complete(string path, ConfigurationErrors errors)
    {
        if (string.IsNullOrEmpty(_address))
        {
            errors.AddMissing($"{path}:Address", "host:port or a URI");
        }

        var before = errors.All.Count;
        errors.CheckRange($"{path}:Weight", _weight, 1, EndpointMetadata.MaxWeight);
        errors.CheckRange($"{path}:Priority", _priority, 0, EndpointMetadata.MaxPriority);
        SpiffeId? id = null;
        if (!string.IsNullOrEmpty(_identity) && !SpiffeId.TryParse(_identity, out id, out var error))
        {
            errors.Add($"{path}:Identity", _identity, $"a SPIFFE ID ({error})");
        }

        Address = _address ?? "";
        if (errors.All.Count == before)
        {
            Metadata = new EndpointMetadata
            {
                Weight = _weight ?? 1,
                Priority = _priority ?? 0,
                Region = NullIfEmpty(_region),
                Zone = NullIfEmpty(_zone),
                SubZone = NullIfEmpty(_subZone),
                Version = NullIfEmpty(_version),
                Identity = id,
                Labels = _labels ?? EndpointMetadata.Default.Labels,
            };
        }
    }

    // An empty value is how environment variables and JSON null say "absent".
    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
