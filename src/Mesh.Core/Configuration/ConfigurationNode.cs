using Microsoft.Extensions.Configuration;

namespace Mesh.Configuration;

/// <summary>
/// A section of the configuration with all that is below it, read once. <see cref="IConfiguration.GetChildren"/> looks at
/// every key there is each time it is asked, which thousands of routes do not bear.
/// </summary>
internal sealed class ConfigurationNode
{
    private static readonly IReadOnlyList<ConfigurationNode> None = [];

    private Dictionary<string, ConfigurationNode>? _byKey;
    private List<ConfigurationNode>? _children;

    private ConfigurationNode(string key, string path)
    {
        Key = key;
        Path = path;
    }

    public string Key { get; }

    public string Path { get; }

    public string? Value { get; private set; }

    /// <summary>Whether it says anything. <c>null</c> in JSON does not.</summary>
    public bool Exists => Value is not null || Children.Count > 0;

    /// <summary>In the order of the configuration: numbers as numbers, and before names.</summary>
    public IReadOnlyList<ConfigurationNode> Children => _children ?? None;

    /// <summary>This one and all below it that have a value.</summary>
    public IEnumerable<ConfigurationNode> Settings
    {
        get
        {
            var open = new Stack<ConfigurationNode>([this]);
            while (open.TryPop(out var node))
            {
                if (node.Value is not null)
                {
                    yield return node;
                }

                foreach (var child in node.Children)
                {
                    open.Push(child);
                }
            }
        }
    }

    public static ConfigurationNode Read(IConfigurationSection section)
    {
        var node = new ConfigurationNode(section.Key, section.Path) { Value = section.Value };
        if (section is RootedSection { Root: var root })
        {
            var prefix = section.Path + ConfigurationPath.KeyDelimiter;
            foreach (var key in ConfigurationKeys.Below(root, section.Path))
            {
                node.Descend(key, prefix.Length).Value = root[key];
            }

            node.Sort();
        }
        else
        {
            node.Add(section);
        }

        return node;
    }

    public ConfigurationNode? Find(string key) => _byKey?.GetValueOrDefault(key);

    // Of somebody's own making: there is only the slow way.
    private void Add(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            var node = ChildOf(child.Key);
            node.Value = child.Value;
            node.Add(child);
        }
    }

    private ConfigurationNode Descend(string key, int start)
    {
        var node = this;
        while (start <= key.Length)
        {
            var end = key.IndexOf(ConfigurationPath.KeyDelimiter, start, StringComparison.Ordinal);
            end = end < 0 ? key.Length : end;
            node = node.ChildOf(key[start..end]);
            start = end + 1;
        }

        return node;
    }

    private ConfigurationNode ChildOf(string key)
    {
        _byKey ??= new Dictionary<string, ConfigurationNode>(StringComparer.OrdinalIgnoreCase);
        if (!_byKey.TryGetValue(key, out var child))
        {
            child = new ConfigurationNode(key, ConfigurationPath.Combine(Path, key));
            _byKey.Add(key, child);
            (_children ??= []).Add(child);
        }

        return child;
    }

    private void Sort()
    {
        if (_children is null)
        {
            return;
        }

        _children.Sort(static (a, b) => ConfigurationKeyComparer.Instance.Compare(a.Key, b.Key));
        foreach (var child in _children)
        {
            child.Sort();
        }
    }
}
