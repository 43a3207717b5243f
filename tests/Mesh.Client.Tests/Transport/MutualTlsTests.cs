using System.Net;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Transport;

public sealed class MutualTlsTests
{
    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task SendAsync_ToMeshService_ArrivesWithServiceNameAndOurIdentity(string version)
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost($$"""{ "Services": { "orders": { "https": [ "{{orders.Url}}" ] } } }""");
        using var client = host.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/items?page=2")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("ok"));
        var arrival = orders.Arrivals.Single();
        Assert.That(arrival.Host, Is.EqualTo("orders"));
        Assert.That(arrival.Path, Is.EqualTo("/items"));
        Assert.That(arrival.Peer, Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
        Assert.That(arrival.Protocol, Is.EqualTo(version == "2.0" ? "HTTP/2" : "HTTP/1.1"));
        Assert.That(arrival.Headers, Contains.Key(MeshHeaders.Timeout));
        Assert.That(host.State.GetServices().Single().Endpoints.Single().Peer, Is.EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
    }
}
