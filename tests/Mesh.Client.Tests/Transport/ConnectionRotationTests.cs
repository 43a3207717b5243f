using System.Net;
using Mesh.Client.Tests.Fixtures;
using Mesh.Identity;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Transport;

public sealed class ConnectionRotationTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task Rotate_RequestUnderWay_FinishesThereAndTheNextOnesUseANewConnection(string version)
    {
        var identity = TestAuthority.Shop.Identity("storefront");
        using var release = new SemaphoreSlim(0);
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), async http =>
        {
            if (http.Request.Path == "/slow")
            {
                await release.WaitAsync();
            }

            await http.Response.WriteAsync(http.Connection.Id);
        });
        await using var host = new ClientHost(Orders(orders, "00:00:20"), identity: identity);
        var client = host.CreateClient();
        var slow = GetAsync(client, new Uri("https://orders/slow"), version);
        await Eventually(() => orders.Arrivals.Count == 1);

        identity.Rotate(TestAuthority.Shop.IssueAnew("storefront-2"));
        await Eventually(async () =>
        {
            await GetAsync(client, Uri, version);
            return orders.Arrivals.Last().Peer!.EndsWith("storefront-2", StringComparison.Ordinal);
        });
        release.Release();

        Assert.That(await slow, Is.EqualTo(orders.Arrivals.First().Connection));
        Assert.That(orders.Arrivals.Last().Connection, Is.Not.EqualTo(orders.Arrivals.First().Connection));
    }

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task Rotate_RequestOutlivesTheBound_IsCut(string version)
    {
        var identity = TestAuthority.Shop.Identity("storefront");
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), static http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await using var host = new ClientHost(Orders(orders, "00:00:00.300"), identity: identity);
        var endless = GetAsync(host.CreateClient(), Uri, version);
        await Eventually(() => orders.Arrivals.Count == 1);

        identity.Rotate(TestAuthority.Shop.IssueAnew("storefront"));

        Assert.That(async () => await endless.WaitAsync(TimeSpan.FromSeconds(20)), Throws.InstanceOf<HttpRequestException>());
    }

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task Rotate_AnchorOfThePeerIsGone_NoFurtherRequestUsesTheConnection(string version)
    {
        var identity = TestAuthority.Shop.Identity("storefront");
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Orders(orders, "01:00:00"), identity: identity);
        await GetAsync(host.CreateClient(), Uri, version);

        identity.Rotate(new X509Identity(identity.Current.Leaf, [], new TrustBundles("shop.example", new TestAuthority("shop.example").Anchor)));
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(host.CreateClient(), Uri, version));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.Untrusted));
        Assert.That(orders.Arrivals, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Rotate_TrustGrowsAndIdentityStays_KeepsTheConnection()
    {
        var identity = TestAuthority.Shop.Identity("storefront");
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Orders(orders, "00:00:00.100"), identity: identity);
        await GetAsync(host.CreateClient(), Uri, "1.1");

        identity.Rotate(new X509Identity(
            identity.Current.Leaf,
            [],
            new TrustBundles([new("shop.example", [TestAuthority.Shop.Anchor]), new("stranger.example", [TestAuthority.Stranger.Anchor])])));
        await Task.Delay(150);
        await GetAsync(host.CreateClient(), Uri, "1.1");

        Assert.That(orders.Arrivals.Select(static arrival => arrival.Connection).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Reload_PeerIsAllowedNoMore_NoFurtherRequestUsesTheConnection()
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Orders(orders, "01:00:00"));
        await GetAsync(host.CreateClient(), Uri, "1.1");

        host.Configuration.Replace(Orders(orders, "01:00:00").Replace("\"Tls\": {", "\"Tls\": { \"AllowedPeers\": [ \"spiffe://shop.example/ns/shop/sa/other\" ],", StringComparison.Ordinal));
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(host.CreateClient(), Uri, "1.1"));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.UnexpectedId));
    }

    [Test]
    public async Task MaxConnectionAge_HasPassed_OpensAnother()
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "127.0.0.1:{{orders.Port}}" ] } }""",
            """{ "orders": { "Tls": { "MaxConnectionAge": "00:00:00.200" } } }"""));

        await Eventually(async () =>
        {
            await GetAsync(host.CreateClient(), Uri, "1.1");
            return orders.Arrivals.Select(static arrival => arrival.Connection).Distinct().Count() > 1;
        });
    }

    private static string Orders(MeshService replica, string drainTimeout) => Given.Services(
        $$"""{ "orders": { "https": [ "127.0.0.1:{{replica.Port}}" ] } }""",
        $$"""{ "orders": { "Timeout": "00:00:30", "AttemptTimeout": "00:00:30", "Retry": { "Attempts": 0 }, "Tls": { "DrainTimeout": "{{drainTimeout}}" } } }""");

    private static async Task<string> GetAsync(HttpClient client, Uri uri, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return await response.Content.ReadAsStringAsync();
    }

    private static Task Eventually(Func<bool> condition) => Eventually(() => Task.FromResult(condition()));

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(20);
        }

        Assert.Fail("It did not happen in time.");
    }
}
