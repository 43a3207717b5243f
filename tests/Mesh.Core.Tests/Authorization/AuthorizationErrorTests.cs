using Mesh.Configuration;

namespace Mesh.Core.Tests.Authorization;

/// <summary>A policy that could not do what it says is refused, with the path of the field.</summary>
public sealed class AuthorizationErrorTests
{
    [TestCase("""{ "Action": "Log" }""", "p:Action: found 'Log', allowed is one of Allow, Deny, Audit, Custom")]
    [TestCase("""{ "Action": "Custom" }""", "p:Provider:Name: found '', allowed is the name of an authorizer")]
    [TestCase("""{ "Provider": { "Name": "a" } }""", "p:Provider: there is no place for it")]
    [TestCase("""{ "Action": "Audit", "DryRun": true }""", "p:DryRun: found 'True', allowed is true with the actions Allow and Deny only")]
    [TestCase("""{ "DryRun": "yes" }""", "p:DryRun: found 'yes'")]
    [TestCase("""{ "Rules": [ { "When": [] } ] }""", "p:Rules:0:When: found an empty list")]
    [TestCase("""{ "Rules": [ { "When": [ { "Values": [ "a" ] } ] } ] }""", "p:Rules:0:When:0:Key: found ''")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "source.host", "Values": [ "a" ] } ] } ] }""", "p:Rules:0:When:0:Key: found 'source.host'")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "request.headers[a][b]", "Values": [ "a" ] } ] } ] }""", "p:Rules:0:When:0:Key: found 'request.headers[a][b]'")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "request.auth.claims[]", "Values": [ "a" ] } ] } ] }""", "p:Rules:0:When:0:Key: found 'request.auth.claims[]'")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "request.auth.claims[a]x", "Values": [ "a" ] } ] } ] }""", "p:Rules:0:When:0:Key: found 'request.auth.claims[a]x'")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "request.auth.claims[a[b]]", "Values": [ "a" ] } ] } ] }""", "p:Rules:0:When:0:Key: found")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "source.ip", "Values": [ "10.0.0/8" ] } ] } ] }""", "p:Rules:0:When:0:Values:0: found '10.0.0/8'")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "source.ip", "Values": [ "10.0.0.1/8" ] } ] } ] }""", "p:Rules:0:When:0:Values:0: found '10.0.0.1/8'")]
    [TestCase("""{ "Rules": [ { "From": [ { "IpBlocks": [ "10" ] } ] } ] }""", "p:Rules:0:From:0:IpBlocks:0: found '10'")]
    [TestCase("""{ "Rules": [ { "From": [ { "IpBlocks": [ "2001:db8::1/32" ] } ] } ] }""", "p:Rules:0:From:0:IpBlocks:0: found '2001:db8::1/32'")]
    [TestCase("""{ "Rules": [ { "From": [ { "IpBlocks": [ "10.0.0.0/33" ] } ] } ] }""", "p:Rules:0:From:0:IpBlocks:0: found '10.0.0.0/33'")]
    [TestCase("""{ "Rules": [ { "From": [ { "ServiceAccounts": [ "*" ] } ] } ] }""", "p:Rules:0:From:0:ServiceAccounts:0: found '*'")]
    [TestCase("""{ "Rules": [ { "From": [ { "ServiceAccounts": [ "a/b/c" ] } ] } ] }""", "p:Rules:0:From:0:ServiceAccounts:0: found 'a/b/c'")]
    [TestCase("""{ "Rules": [ { "From": [ { "ServiceAccounts": [ "a" ], "Namespaces": [ "b" ] } ] } ] }""", "p:Rules:0:From:0:ServiceAccounts: there is no place")]
    [TestCase("""{ "Rules": [ { "To": [ { "Ports": [ "0" ] } ] } ] }""", "p:Rules:0:To:0:Ports:0: found '0'")]
    [TestCase("""{ "Rules": [ { "To": [ { "NotPorts": [ "https" ] } ] } ] }""", "p:Rules:0:To:0:NotPorts:0: found 'https'")]
    [TestCase("""{ "Rule": [ {} ] }""", "p:Rule: there is no such setting")]
    [TestCase("""{ "Rules": [ { "When": [ { "Key": "source.ip" } ] } ] }""", "p:Rules:0:When:0:Values: found '', allowed is at least one of Values and NotValues")]
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
