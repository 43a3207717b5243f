using System.Globalization;
using System.Text;
using Mesh.Configuration;
using Mesh.Gateway.Manifests;

namespace Mesh.Gateway.Tests.Manifests;

public sealed class ManifestParserTests
{
    [Test]
    public void Parse_Values_AreThoseOfTheCoreSchema()
    {
        var (documents, errors) = Parse("spec: { a: on, b: ~, c: null, d: \"null\", e: '', f: [], g: {}, h: 0x10, i: 1_0 }");
        Assert.That(errors, Is.Empty);
        var spec = documents.Single().Section;
        Assert.That(
            spec.GetChildren().Select(static child => (child.Key, child.Value)),
            Is.EqualTo(new[] { ("a", "on"), ("b", null), ("c", null), ("d", "null"), ("e", ""), ("f", ""), ("g", null), ("h", "0x10"), ("i", (string?)"1_0") }));
    }

    [Test]
    public void Parse_SeveralDocuments_SkipsThoseWithoutContent()
    {
        var (documents, errors) = Parse("\uFEFF# nothing yet\n---\nkind: A\n---\n# nothing\n---\nkind: B\n");
        Assert.That(errors, Is.Empty);
        Assert.That(documents.Select(static document => (document.Label, document.Kind)), Is.EqualTo(new[] { ("f.yaml#1", "A"), ("f.yaml#3", (string?)"B") }));
    }

    [Test]
    public void Parse_Alias_RepeatsWhatItsAnchorNames()
    {
        var (documents, errors) = Parse("spec:\n  a: &x { k: 1, l: [ 2, 3 ] }\n  b: *x\n  c: [ *x ]\n");
        Assert.That(errors, Is.Empty);
        var spec = documents.Single().Section;
        Assert.That((spec["b:k"], spec["b:l:1"], spec["c:0:l:0"]), Is.EqualTo(("1", "3", "2")));
    }

    [Test]
    public void Parse_AliasesOfAliases_EndAtTheBound()
    {
        var bomb = new StringBuilder("spec:\n  a0: &a0 [ x, x, x, x, x, x, x, x, x, x ]\n");
        for (var i = 1; i < 30; i++)
        {
            bomb.Append(CultureInfo.InvariantCulture, $"  a{i}: &a{i} [ {string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))} ]\n");
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var (_, errors) = Parse(bomb.ToString());
        Assert.That(errors.Single(), Does.Contain("found more than 100000 values, allowed are so many."));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000_000));
    }

    [TestCase("[")]
    [TestCase("{ a: ")]
    [TestCase("- ")]
    public void Parse_Depth_EndsAtTheBound(string opening) =>
        Assert.That(Parse($"spec: {(opening == "- " ? "\n  " : "")}{string.Concat(Enumerable.Repeat(opening, 100_000))}").Errors.Single(), Does.Contain("found collections deeper than 32"));

    [TestCase("spec: { a: *x }", "f.yaml, document 1, line 1: nothing before it is called '&x'.")]
    [TestCase("spec: &x { a: *x }", "f.yaml, document 1, line 1: nothing before it is called '&x'.")]
    [TestCase("spec:\n  a: 1\n  A: 2", "f.yaml, document 1, line 3: the key 'A' is there twice.")]
    [TestCase("kind: A\nkind: B", "f.yaml, document 1, line 2: the key 'kind' is there twice.")]
    [TestCase("spec:\n  <<: { a: 1 }", "f.yaml, document 1, line 2: merge keys ('<<') are not supported: they are no part of YAML 1.2.")]
    [TestCase("spec:\n  \"a:b\": 1", "f.yaml, document 1, line 2: found the key 'a:b', allowed is a text without ':'.")]
    [TestCase("spec:\n  [ a ]: 1", "f.yaml, document 1, line 2: a key is a text.")]
    [TestCase("spec: !secret a", "f.yaml, document 1, line 1: found the tag '!secret', allowed are those of YAML itself.")]
    [TestCase("kind: A\n---\nkind: [", "f.yaml, document 2, line 4: this is no YAML: ")]
    [TestCase("kind: A\n\tkind: B", "f.yaml, document 1, line 1: this is no YAML: ")]
    public void Parse_WhatIsNotRead_IsNamed(string yaml, string error) => Assert.That(Parse(yaml).Errors.Single(), Does.StartWith(error));

    [TestCase("just text")]
    [TestCase("[ a, b ]")]
    public void Parse_NoObject_HasNoKind(string yaml) => Assert.That(Parse(yaml).Documents.Single().Kind, Is.Null);

    [Test]
    public void Parse_NoUtf8_IsRefused()
    {
        var errors = new ConfigurationErrors();
        ManifestParser.Parse(new ManifestFile("f.yaml", [0x61, 0xFF]), errors);
        Assert.That(errors.All, Is.EqualTo(["f.yaml: this is no text in UTF-8."]));
    }

    private static (List<ManifestDocument> Documents, IReadOnlyCollection<string> Errors) Parse(string yaml)
    {
        var errors = new ConfigurationErrors();
        return (ManifestParser.Parse(new ManifestFile("f.yaml", Encoding.UTF8.GetBytes(yaml)), errors), errors.All);
    }
}
