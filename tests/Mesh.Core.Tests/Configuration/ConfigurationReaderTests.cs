using System.Text;
using Mesh.Configuration;
using Microsoft.Extensions.Configuration;

namespace Mesh.Core.Tests.Configuration;

public sealed class ConfigurationReaderTests
{
    private enum Colour
    {
        Red,
        Green,
    }

    private sealed class Item
    {
        public string? Name { get; set; }

        public static void Read(ConfigurationReader reader, Item item) => item.Name = reader.Text("Name") ?? item.Name;
    }

    private sealed class Target
    {
        public string? Text { get; set; } = "default";

        public TimeSpan? Duration { get; set; }

        public int? Integer { get; set; }

        public double? Number { get; set; }

        public bool? Boolean { get; set; }

        public Colour? Colour { get; set; }

        public List<string>? Texts { get; set; }

        public Dictionary<string, string>? TextMap { get; set; }

        public List<Item>? Items { get; set; }

        public Dictionary<string, Item> Map { get; } = [];

        public Item Nested { get; } = new();

        public static void Read(ConfigurationReader reader, Target target)
        {
            target.Text = reader.Text("Text") ?? target.Text;
            target.Duration = reader.Duration("Duration");
            target.Integer = reader.Integer("Integer");
            target.Number = reader.Number("Number");
            target.Boolean = reader.Boolean("Boolean");
            target.Colour = reader.OneOf<Colour>("Colour");
            target.Texts = reader.Texts("Texts");
            target.TextMap = reader.TextMap("TextMap");
            target.Items = reader.Sections<Item>("Items", Item.Read);
            reader.Map("Map", target.Map, Item.Read);
            reader.Section("Nested", target.Nested, Item.Read);
            reader.Ignore("Ignored");
        }
    }

    [Test]
    public void Read_Everything_FillsTheTarget()
    {
        var (target, errors) = Read("""
            { "text": "t", "DURATION": "00:00:01.5", "Integer": -3, "Number": 0.5, "Boolean": "True", "Colour": "green", "Texts": [ "a", "b" ], "TextMap": { "a": "1" },
              "Items": [ { "Name": "x" }, { "Name": "y" } ], "Map": { "k": { "Name": "z" } }, "Nested": { "Name": "n" }, "Ignored": { "a": 1 } }
            """);
        Assert.That(errors, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That((target.Text, target.Duration, target.Integer, target.Number, target.Boolean, target.Colour), Is.EqualTo(("t", TimeSpan.FromSeconds(1.5), -3, 0.5, true, Colour.Green)));
            Assert.That(target.Texts, Is.EqualTo(["a", "b"]));
            Assert.That(target.TextMap, Is.EqualTo(new Dictionary<string, string> { ["a"] = "1" }));
            Assert.That(target.Items!.Select(static item => item.Name), Is.EqualTo(["x", "y"]));
            Assert.That(target.Map["k"].Name, Is.EqualTo("z"));
            Assert.That(target.Nested.Name, Is.EqualTo("n"));
        });
    }

    [Test]
    public void Read_Nothing_KeepsTheDefaults()
    {
        var (target, errors) = Read("""{ "Duration": "", "Integer": null, "Texts": [], "Items": [] }""");
        Assert.Multiple(() =>
        {
            Assert.That(errors, Is.Empty);
            Assert.That((target.Text, target.Duration, target.Integer), Is.EqualTo(("default", (TimeSpan?)null, (int?)null)));
            Assert.That(target.Texts ?? [], Is.Empty);
            Assert.That(target.Items ?? [], Is.Empty);
        });
    }

    [TestCase("""{ "Text": { "a": 1 } }""", "M:Text: found a section, allowed is a single value.")]
    [TestCase("""{ "Duration": "soon" }""", "M:Duration: found 'soon', allowed is a duration such as '00:00:01.500' or '1s500ms'.")]
    [TestCase("""{ "Duration": "10" }""", "M:Duration: found '10', allowed is a duration such as '00:00:01.500' or '1s500ms'.")]
    [TestCase("""{ "Integer": "1.5" }""", "M:Integer: found '1.5', allowed is a whole number.")]
    [TestCase("""{ "Integer": "3000000000" }""", "M:Integer: found '3000000000', allowed is a whole number.")]
    [TestCase("""{ "Number": "NaN" }""", "M:Number: found 'NaN', allowed is a number.")]
    [TestCase("""{ "Number": "1,5" }""", "M:Number: found '1,5', allowed is a number.")]
    [TestCase("""{ "Boolean": "yes" }""", "M:Boolean: found 'yes', allowed is true or false.")]
    [TestCase("""{ "Colour": "blue" }""", "M:Colour: found 'blue', allowed is one of Red, Green.")]
    [TestCase("""{ "Colour": "0" }""", "M:Colour: found '0', allowed is one of Red, Green.")]
    [TestCase("""{ "Colour": "Red,Green" }""", "M:Colour: found 'Red,Green', allowed is one of Red, Green.")]
    [TestCase("""{ "Texts": "a" }""", "M:Texts: found 'a', allowed is a list.")]
    [TestCase("""{ "TextMap": "a" }""", "M:TextMap: found 'a', allowed is values by name.")]
    [TestCase("""{ "TextMap": { "a": { "b": 1 } } }""", "M:TextMap:a: found a section, allowed is a single value.")]
    [TestCase("""{ "Texts": [ { "a": 1 } ] }""", "M:Texts:0: found a section, allowed is a single value.")]
    [TestCase("""{ "Items": "a" }""", "M:Items: found 'a', allowed is a list of sections.")]
    [TestCase("""{ "Items": [ "a" ] }""", "M:Items:0: found 'a', allowed is a section.")]
    [TestCase("""{ "Items": [ {}, { "Nam": 1 } ] }""", "M:Items:1:Nam: there is no such setting; allowed here are Name.")]
    [TestCase("""{ "Map": "a" }""", "M:Map: found 'a', allowed is sections by name.")]
    [TestCase("""{ "Map": { "k": "a" } }""", "M:Map:k: found 'a', allowed is a section.")]
    [TestCase("""{ "Nested": "a" }""", "M:Nested: found 'a', allowed is a section.")]
    [TestCase("""{ "Nested": { "name": { "x": 1 } } }""", "M:Nested:Name: found a section, allowed is a single value.")]
    [TestCase("""{ "Colur": "Red" }""", "M:Colur: there is no such setting; allowed here are Boolean, Colour, Duration, Ignored, Integer, Items, Map, Nested, Number, Text, TextMap, Texts.")]
    public void Read_OneError_NamesPathFoundAndAllowed(string json, string error) => Assert.That(Read(json).Errors, Is.EqualTo([error]));

    [Test]
    public void Read_ManyErrors_CollectsThemAll() =>
        Assert.That(Read("""{ "Integer": "x", "Boolean": "x", "Map": { "a": { "b": 1 } }, "Zzz": 1 }""").Errors, Has.Count.EqualTo(4));

    [Test]
    public void Map_KeysThatAreThere_AreReadOnTopOfThem()
    {
        var target = new Target { Map = { ["k"] = new Item { Name = "before" }, ["l"] = new Item { Name = "kept" } } };
        Read("""{ "Map": { "k": { "Name": "after" } } }""", target);
        Assert.That((target.Map["k"].Name, target.Map["l"].Name), Is.EqualTo(("after", "kept")));
    }

    [Test]
    public void Errors_Checks_NameTheBounds()
    {
        var errors = new ConfigurationErrors();
        errors.CheckDuration("a", null);
        errors.CheckDuration("b", TimeSpan.FromHours(24));
        errors.CheckDuration("c", TimeSpan.Zero);
        errors.CheckDuration("d", TimeSpan.FromHours(24) + TimeSpan.FromTicks(1));
        errors.CheckRange("e", 1, 1, 2);
        errors.CheckRange("f", 2.5, 1, 2);
        errors.CheckRange("g", double.NaN, 1, 2);
        Assert.That(errors.All, Is.EqualTo(new[]
        {
            "c: found '00:00:00', allowed is a duration above 0 and up to 24 hours.",
            "d: found '1.00:00:00.0000001', allowed is a duration above 0 and up to 24 hours.",
            "f: found '2.5', allowed is a number from 1 to 2.",
            "g: found 'NaN', allowed is a number from 1 to 2.",
        }));
        Assert.That(() => errors.ThrowIfAny("Mesh:X"), Throws.TypeOf<MeshConfigurationException>().With.Property("Errors").Count.EqualTo(4).And.Message.Contains("Mesh:X"));
    }

    private static (Target Target, IReadOnlyCollection<string> Errors) Read(string json, Target? target = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "M": {{json}} }"""));
        var errors = new ConfigurationErrors();
        target ??= new Target();
        ConfigurationReader.Read(new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection("M"), errors, target, Target.Read);
        return (target, errors.All);
    }
}
