using Mesh.Gateway.Routing;

namespace Mesh.Gateway.Tests.Routing;

public sealed class GatewayTargetTests
{
    [TestCase("/a/b?c=d", "/a/b", "?c=d")]
    [TestCase("/a//b/../c", "/a/c", "")]
    [TestCase("/a?", "/a", "?")]
    [TestCase("http://shop.example/a%20b?c", "/a%20b", "?c")]
    [TestCase("http://shop.example", "/", "")]
    [TestCase("http://shop.example?a=/b", "/", "?a=/b")]
    [TestCase("http://shop.example\\a", "/a", "")]
    public void TryRead_Target_GivesCanonicalPathAndQueryAsSent(string raw, string path, string query)
    {
        Assert.That(GatewayTarget.TryRead(raw, out var target, out _), Is.True);
        Assert.That((target.Path, target.Query.ToString()), Is.EqualTo((path, query)));
    }

    [TestCase("*")]
    [TestCase("shop.example:443")]
    [TestCase("")]
    [TestCase("/a%2fb")]
    public void TryRead_OtherForms_AreRefused(string raw)
    {
        Assert.That(GatewayTarget.TryRead(raw, out _, out var error), Is.False);
        Assert.That(error, Is.Not.Empty);
    }
}
