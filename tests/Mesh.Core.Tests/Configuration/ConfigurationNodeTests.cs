using System.Text;
using CsCheck;
using Mesh.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Mesh.Core.Tests.Configuration;

/// <summary>The tree that is read at once says what the framework's sections say when they are asked one by one.</summary>
public sealed class ConfigurationNodeTests
{
    private static readonly string[] Parts = ["a", "B", "b", "0", "2", "10", "é"];
    private static readonly string?[] Values = ["x", "", null];
    private static readonly Gen<string> Key = Gen.Int[0, Parts.Length - 1].Array[1, 4].Select(static parts => string.Join(':', parts.Select(static part => Parts[part])));
    private static readonly Gen<Dictionary<string, string?>> Settings = Gen.Select(Key, Gen.Int[0, Values.Length - 1].Select(static value => Values[value]))
        .Array[0, 12].Select(static pairs => pairs.DistinctBy(static pair => pair.Item1, StringComparer.OrdinalIgnoreCase).ToDictionary(static pair => $"Mesh:{pair.Item1}", static pair => pair.Item2));

    [Test]
    public void Read_SettingsOfSeveralProviders_AreWhatTheFrameworkFinds() =>
        Gen.Select(Settings, Settings, Settings, Settings).Sample((first, second, third, chained) =>
        {
            var root = new ConfigurationBuilder()
                .AddInMemoryCollection(first)
                .Add(new ForeignSource(second))
                .AddConfiguration(new ConfigurationBuilder().AddInMemoryCollection(chained).Build())
                .AddInMemoryCollection(third)
                .Build();

            return Text(ConfigurationNode.Read(MeshConfiguration.Of(root).Section!)) == Text(root.GetSection("Mesh"));
        });

    [Test]
    public void Read_Json_KeepsNullsAndEmptyListsAsTheFrameworkDoes()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("""{ "Mesh": { "List": [ "b", "a", null ], "Empty": [], "None": null, "Object": {}, "Deep": { "x": { "y": 1 } } }, "Meshes": { "x": 1 } }"""));
        var root = new ConfigurationBuilder().AddJsonStream(stream).Build();

        Assert.That(Text(ConfigurationNode.Read(MeshConfiguration.Of(root).Section!)), Is.EqualTo(Text(root.GetSection("Mesh"))));
    }

    [Test]
    public void Read_SectionOfSomebodyElse_IsReadAllTheSame()
    {
        var root = new ConfigurationBuilder().AddInMemoryCollection([new("Mesh:a:b", "1"), new("Mesh:c", "2")]).Build();

        Assert.That(Text(ConfigurationNode.Read(root.GetSection("Mesh"))), Is.EqualTo(Text(root.GetSection("Mesh"))));
    }

    [Test]
    public void Read_ConfigurationOfTheFramework_AsksNoSectionForItsChildren()
    {
        var root = new ConfigurationBuilder().AddInMemoryCollection([new("Mesh:Routes:1:Name", "x"), new("Mesh:Routes:2:Name", "y")]).Build();

        var node = ConfigurationNode.Read(MeshConfiguration.Of(new DeafRoot(root)).Section!);

        Assert.That(node.Find("routes")!.Children.Select(static route => route.Find("Name")!.Value), Is.EqualTo(["x", "y"]));
    }

    private static string Text(ConfigurationNode node) =>
        $"{node.Key.ToUpperInvariant()}={node.Value ?? "-"}({string.Join(',', node.Children.Select(Text))})";

    private static string Text(IConfigurationSection section) =>
        $"{section.Key.ToUpperInvariant()}={section.Value ?? "-"}({string.Join(',', section.GetChildren().Select(Text))})";

    /// <summary>What it says it has is not in its data, as with a provider that asks a store.</summary>
    private sealed class ForeignSource(Dictionary<string, string?> settings) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new ForeignProvider(new ConfigurationBuilder().AddInMemoryCollection(settings).Build().Providers.Single());
    }

    private sealed class ForeignProvider(IConfigurationProvider inner) : ConfigurationProvider
    {
        public override bool TryGet(string key, out string? value) => inner.TryGet(key, out value);

        public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) => inner.GetChildKeys(earlierKeys, parentPath);
    }

    /// <summary>A configuration of which nobody may ask the one thing that takes long.</summary>
    private sealed class DeafRoot(IConfigurationRoot inner) : IConfigurationRoot
    {
        public IEnumerable<IConfigurationProvider> Providers => inner.Providers;

        public string? this[string key]
        {
            get => inner[key];
            set => inner[key] = value;
        }

        public IConfigurationSection GetSection(string key) => new DeafSection(inner.GetSection(key));

        public IEnumerable<IConfigurationSection> GetChildren() => throw new NotSupportedException();

        public IChangeToken GetReloadToken() => inner.GetReloadToken();

        public void Reload() => inner.Reload();
    }

    private sealed class DeafSection(IConfigurationSection inner) : IConfigurationSection
    {
        public string Key => inner.Key;

        public string Path => inner.Path;

        public string? Value
        {
            get => inner.Value;
            set => inner.Value = value;
        }

        public string? this[string key]
        {
            get => inner[key];
            set => inner[key] = value;
        }

        public IConfigurationSection GetSection(string key) => new DeafSection(inner.GetSection(key));

        public IEnumerable<IConfigurationSection> GetChildren() => throw new NotSupportedException();

        public IChangeToken GetReloadToken() => inner.GetReloadToken();
    }
}
