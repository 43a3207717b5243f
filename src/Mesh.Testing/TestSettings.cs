using Microsoft.Extensions.Configuration;

namespace Mesh.Testing;

/// <summary>The configuration of one process of a <see cref="TestMesh"/>: in memory, changed while it runs, kept over restarts.</summary>
internal sealed class TestSettings : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Sets values, <see langword="null"/> to remove them, and lets the process know once.</summary>
    public void Change(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        // Readers may be in the middle of the old dictionary.
        var changed = new Dictionary<string, string?>(Data, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in settings)
        {
            if (value is null)
            {
                changed.Remove(key);
            }
            else
            {
                changed[key] = value;
            }
        }

        Data = changed;
        OnReload();
    }
}
