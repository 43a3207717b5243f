using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Endpoints;

public sealed class EndpointTests
{
    [Test]
    public void Rewrite_OnePathAfterAnother_KeepsPathAndQuery()
    {
        var endpoint = Replicas.Create(1)[0];
        string[] paths = ["/a?x=1", "/a?x=1", "/a?x=2", "/a", "//other/a", "/", "/A", "/a%2Fb"];
        Assert.That(
            paths.Select(path => endpoint.Rewrite(new Uri("http://orders" + path)).AbsoluteUri),
            Is.EqualTo(paths.Select(static path => "https://10.0.0.1:5000" + path)));
    }

    [Test]
    public void Rewrite_SamePathAgain_MakesNothingNew()
    {
        var endpoint = Replicas.Create(1)[0];
        Assert.That(endpoint.Rewrite(new Uri("http://orders/a?x=1")), Is.SameAs(endpoint.Rewrite(new Uri("https://orders/a?x=1"))));
    }
}
