using Mesh.Configuration;

namespace Mesh.Gateway.Manifests;

/// <summary>Gateway API objects in YAML files: section <c>Mesh:Gateway:Manifests</c>.</summary>
public sealed class ManifestOptions
{
    private const int MaxPort = 65_535;

    /// <summary>The folder whose <c>*.yaml</c> and <c>*.yml</c> files are read and watched; not those of folders below.</summary>
    /// <value>Default <see langword="null"/>: there are no manifests.</value>
    public string? Directory { get; set; }

    /// <summary>The <c>Gateway</c> that this process is: <c>name</c>, or <c>namespace/name</c>.</summary>
    /// <value>Default: the only one in the folder; without any, all routes hang on the listeners of the configuration.</value>
    public string? Gateway { get; set; }

    /// <summary>The local ports by the ports of manifests, where they differ: <c>443</c> to <c>8443</c>.</summary>
    /// <value>Default: empty.</value>
    public IDictionary<string, int> Ports { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    internal static void Read(ConfigurationReader reader, ManifestOptions options)
    {
        options.Directory = reader.Text(nameof(Directory)) ?? options.Directory;
        options.Gateway = reader.Text(nameof(Gateway)) ?? options.Gateway;
        reader.IntegerMap(nameof(Ports), options.Ports);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Directory is not null && string.IsNullOrWhiteSpace(Directory))
        {
            errors.Add($"{path}:{nameof(Directory)}", Directory, "the path of a folder");
        }

        foreach (var (port, local) in Ports)
        {
            if (!ushort.TryParse(port, out var number) || number == 0)
            {
                errors.Add($"{path}:{nameof(Ports)}", port, $"a port from 1 to {MaxPort}");
            }

            errors.CheckRange($"{path}:{nameof(Ports)}:{port}", local, 1, MaxPort);
        }
    }

    /// <summary>The local port for a port of a manifest.</summary>
    internal int? LocalPort(int? port) =>
        port is { } number && Ports.TryGetValue(number.ToString(System.Globalization.CultureInfo.InvariantCulture), out var local) ? local : port;
}
