using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Mesh.Configuration;

/// <summary>A section that knows what it is a section of: the framework's own does not tell.</summary>
internal sealed class RootedSection(IConfigurationRoot root, IConfigurationSection section) : IConfigurationSection
{
    public IConfigurationRoot Root => root;

    public string Key => section.Key;

    public string Path => section.Path;

    public string? Value
    {
        get => section.Value;
        set => section.Value = value;
    }

    public string? this[string key]
    {
        get => section[key];
        set => section[key] = value;
    }

    public IConfigurationSection GetSection(string key) => new RootedSection(root, section.GetSection(key));

    public IEnumerable<IConfigurationSection> GetChildren() => section.GetChildren().Select(child => new RootedSection(root, child));

    public IChangeToken GetReloadToken() => section.GetReloadToken();
}
