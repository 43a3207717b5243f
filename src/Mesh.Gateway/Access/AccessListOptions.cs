using Mesh.Configuration;

namespace Mesh.Gateway.Access;

/// <summary>From which addresses requests may come. <see cref="Deny"/> comes before <see cref="Allow"/>.</summary>
public sealed class AccessListOptions
{
    /// <summary>The addresses and blocks (<c>10.0.0.0/8</c>) that may come; nobody else may.</summary>
    /// <value>Default: empty, which is everybody.</value>
    public List<string> Allow { get; set; } = [];

    /// <summary>The addresses and blocks that may not come, whatever <see cref="Allow"/> says.</summary>
    /// <value>Default: empty.</value>
    public List<string> Deny { get; set; } = [];

    internal static void Read(ConfigurationReader reader, AccessListOptions options)
    {
        options.Allow = reader.Texts(nameof(Allow)) ?? options.Allow;
        options.Deny = reader.Texts(nameof(Deny)) ?? options.Deny;
    }
}
