using Mesh.Configuration;

namespace Mesh.Gateway.Access;

/// <summary>From which addresses requests may come: section <c>Mesh:Gateway:Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>The addresses and blocks (<c>10.0.0.0/8</c>) that may come; nobody else may.</summary>
    /// <value>Default: empty, which is everybody.</value>
    public List<string> Allow { get; set; } = [];

    /// <summary>The addresses and blocks that may not come, whatever <see cref="Allow"/> says.</summary>
    /// <value>Default: empty.</value>
    public List<string> Deny { get; set; } = [];

    /// <summary>What holds for single routes besides, by the name of the route.</summary>
    /// <value>Default: empty.</value>
    public IDictionary<string, AccessListOptions> Routes { get; } = new Dictionary<string, AccessListOptions>(StringComparer.Ordinal);

    internal static void Read(ConfigurationReader reader, AccessOptions options)
    {
        options.Allow = reader.Texts(nameof(Allow)) ?? options.Allow;
        options.Deny = reader.Texts(nameof(Deny)) ?? options.Deny;
        reader.Map(nameof(Routes), options.Routes, AccessListOptions.Read);
    }
}
