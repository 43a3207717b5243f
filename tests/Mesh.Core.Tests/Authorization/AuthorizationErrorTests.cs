using Mesh.Configuration;

namespace Mesh.Core.Tests.Authorization;

/// <summary>A policy that could not do what it says is refused, with the path of the field.</summary>
public sealed class AuthorizationErrorTests
{
    [TestCase("""{ "Action": "Audit" }""", "p:Action: found 'Audit'")]
    [TestCase("""{ "Rule": [ {} ] }""", "p:Rule: there is no such setting")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "source.ip" } ] } ] }""", "p:Rules:0:When: there is no such setting")]
    [TestCase("""{ "Rules": [ { "From": [ { "Source": { "Principals": [ "*" ] } } ] } ] }""", "p:Rules:0:From:0:Source: there is no such setting")]
    [TestCase("""{ "Rules": [ { "From": [] } ] }""", "p:Rules:0:From: found an empty list")]
    [TestCase("""{ "Rules": [ {}, { "To": [ { "Methods": [ "GET" ] }, {} ] } ] }""", "p:Rules:1:To:1: found an entry without any field")]
    [TestCase("""{ "Rules": [ { "From": [ { "Principals": [] } ] } ] }""", "p:Rules:0:From:0:Principals: found an empty list")]
    [TestCase("""{ "Rules": [ { "From": [ { "Principals": "a" } ] } ] }""", "p:Rules:0:From:0:Principals: found 'a', allowed is a list")]
    [TestCase("""{ "Rules": [ { "From": [ { "NotPrincipals": [ "a", "spiffe://a/b" ] } ] } ] }""", "p:Rules:0:From:0:NotPrincipals:1: found 'spiffe://a/b'")]
    [TestCase("""{ "Rules": [ { "From": [ { "Namespaces": [ "" ] } ] } ] }""", "p:Rules:0:From:0:Namespaces:0: found ''")]
    [TestCase("""{ "Rules": [ { "From": [ { "Namespaces": [ "a*b" ] } ] } ] }""", "p:Rules:0:From:0:Namespaces:0: found 'a*b'")]
    [TestCase("""{ "Rules": [ { "To": [ { "Methods": [ "*E*" ] } ] } ] }""", "p:Rules:0:To:0:Methods:0: found '*E*'")]
    [TestCase("""{ "Rules": [ { "To": [ { "Hosts": [ "shop.example:" ] } ] } ] }""", "p:Rules:0:To:0:Hosts:0: found 'shop.example:'")]
    public void Compile_WithAMistake_NamesTheField(string policy, string error) => Assert.That(ErrorsOf(policy), Has.Some.Contains($"{Policies.Path}:{error}"));

    [TestCase("orders")]
    [TestCase("orders*")]
    [TestCase("/a//b")]
    [TestCase("/a/../b")]
    [TestCase("/a/./b")]
    [TestCase("/a?b=c")]
    [TestCase("/a#b")]
    [TestCase("/a b")]
    [TestCase("/caf\u00e9")]
    [TestCase("/%7Euser")]
    [TestCase("/a%2fb")]
    [TestCase("/a*b")]
    [TestCase("*a*")]
    [TestCase("**")]
    [TestCase("/{id}")]
    [TestCase("/a/{*}b")]
    [TestCase("/a/b{**}")]
    [TestCase("/a/{*}/b*")]
    [TestCase("*/{*}")]
    [TestCase("/{**}/{*}")]
    [TestCase("/{**}/{**}")]
    public void Compile_WithAPathThatCannotMatch_NamesTheField(string path) => Assert.That(
        ErrorsOf($$"""{ "Rules": [ { "To": [ { "NotPaths": [ "/a", "{{path}}" ] } ] } ] }"""),
        Has.One.StartsWith($"{Policies.Path}:p:Rules:0:To:0:NotPaths:1: found '{path}'"));

    [Test]
    public void Compile_WithSeveralMistakes_NamesEach() => Assert.That(
        ErrorsOf("""{ "Rules": [ { "From": [ {} ], "To": [ { "Paths": [ "a", "b" ] } ] } ] }"""), Has.Count.EqualTo(3));

    private static IReadOnlyCollection<string> ErrorsOf(string policy) =>
        Assert.Throws<MeshConfigurationException>(() => Policies.Compile($$"""{ "p": {{policy}} }"""))!.Errors;
}
