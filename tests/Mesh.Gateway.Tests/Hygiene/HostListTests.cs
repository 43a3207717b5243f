using Mesh.Configuration;
using Mesh.Gateway.Hygiene;

namespace Mesh.Gateway.Tests.Hygiene;

public sealed class HostListTests
{
    [TestCase("shop.example", true)]
    [TestCase("SHOP.example", true)]
    [TestCase("shop.example.", true)]
    [TestCase("shop.example:8443", true)]
    [TestCase("www.shop.example", false)]
    [TestCase("a.open.example", true)]
    [TestCase("b.a.open.example:80", true)]
    [TestCase("open.example", false)]
    [TestCase("evilopen.example", false)]
    [TestCase("open.example.evil", false)]
    [TestCase("::1", false)]
    [TestCase("[::1]", true)]
    [TestCase("[::1]:80", true)]
    [TestCase("127.0.0.1:80", true)]
    [TestCase("", false)]
    public void Contains_Authority_IgnoresCaseAndPort(string authority, bool expected)
    {
        var errors = new ConfigurationErrors();
        var list = HostList.Compile(["shop.example", "*.open.example", "::1", "127.0.0.1"], "Hosts", errors);
        Assert.That(errors.All, Is.Empty);
        Assert.That(list!.Contains(authority), Is.EqualTo(expected));
    }

    [TestCase("shop.example:80")]
    [TestCase("*")]
    [TestCase("*.")]
    [TestCase("a.*.example")]
    [TestCase("http://shop.example")]
    [TestCase("")]
    public void Compile_NoHost_IsRefused(string host)
    {
        var errors = new ConfigurationErrors();
        HostList.Compile([host], "Mesh:Gateway:Hosts", errors);
        Assert.That(errors.All.Single(), Does.StartWith("Mesh:Gateway:Hosts:0: found '" + host + "'"));
    }

    [Test]
    public void Compile_Nothing_ServesEveryHost() => Assert.That(HostList.Compile([], "Hosts", new ConfigurationErrors()), Is.Null);
}
