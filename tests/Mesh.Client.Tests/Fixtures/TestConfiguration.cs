using System.Text;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>A configuration whose values a test replaces as a whole, as an edited file would.</summary>
internal sealed class TestConfiguration : ConfigurationProvider, IConfigurationSource
{
    public TestConfiguration(string json) => Read(json);

    public void Replace(string json)
    {
        Read(json);
        OnReload();
    }

    IConfigurationProvider IConfigurationSource.Build(IConfigurationBuilder builder) => this;

    private void Read(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        using var root = (ConfigurationRoot)new ConfigurationBuilder().AddJsonStream(stream).Build();
        Data = root.AsEnumerable()
            .ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.OrdinalIgnoreCase);
    }
}
