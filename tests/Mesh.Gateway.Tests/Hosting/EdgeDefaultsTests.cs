using Mesh.Configuration;
using Mesh.Gateway.Hosting;
using Mesh.Server.Policy;

namespace Mesh.Gateway.Tests.Hosting;

public sealed class EdgeDefaultsTests
{
    [TestCase(null, 10)]
    [TestCase(40, 40)]
    public void Configure_HeadersTimeout_IsTheEdgesUnlessSaid(int? said, int expected)
    {
        var options = new MeshServerOptions { Limits = { HeadersTimeout = said is { } seconds ? TimeSpan.FromSeconds(seconds) : null } };

        new EdgeDefaults(new MeshConfiguration(section: null)).Configure(options);

        Assert.That(options.Limits.HeadersTimeout, Is.EqualTo(TimeSpan.FromSeconds(expected)));
    }
}
