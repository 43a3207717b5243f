using System.Net;
using System.Net.Sockets;
using Mesh.Client.Tests.Fixtures;
using Mesh.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Transport;

public sealed class MutualTlsTests
{
    private static readonly Uri Uri = new("https://orders/items?page=2");

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task SendAsync_ThreeReplicas_GetCallsWithServiceNameAndOurIdentity(string version)
    {
        await using var one = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var two = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var three = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Orders(one, two, three));
        var client = host.CreateClient();
        for (var i = 0; i < 60; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Uri)
            {
                Version = Version.Parse(version),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var response = await client.SendAsync(request);
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("ok"));
        }

        foreach (var replica in new[] { one, two, three })
        {
            Assert.That(replica.Arrivals, Is.Not.Empty);
            Assert.That(replica.Arrivals.Select(static arrival => arrival.Connection).Distinct().Count(), Is.EqualTo(1), "connections are reused");
            Assert.That(replica.Arrivals, Has.All.Property("Host").EqualTo("orders"));
            Assert.That(replica.Arrivals, Has.All.Property("Path").EqualTo("/items"));
            Assert.That(replica.Arrivals, Has.All.Property("Peer").EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
            Assert.That(replica.Arrivals, Has.All.Property("Protocol").EqualTo(version == "2.0" ? "HTTP/2" : "HTTP/1.1"));
            Assert.That(replica.Arrivals.First().Headers, Contains.Key(MeshHeaders.Timeout));
        }

        Assert.That(host.State.GetServices().Single().Endpoints, Has.All.Property("Peer").EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
    }

    [Test]
    public async Task SendAsync_Http2OrLower_NegotiatesHttp2()
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Orders(orders));
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri) { Version = HttpVersion.Version20 };

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.Version, Is.EqualTo(HttpVersion.Version20));
    }

    [Test]
    public async Task SendAsync_PeerHasAnotherId_SaysWhichAndWhichWasExpected()
    {
        await using var wrong = await MeshService.StartAsync(TestAuthority.Shop.Identity("catalog"));
        var refusal = await RefusedAsync(wrong);

        Assert.That(refusal.Reason, Is.EqualTo(PeerRefusal.UnexpectedId));
        Assert.That(refusal.Message, Does.Contain("spiffe://shop.example/ns/shop/sa/catalog").And.Contain("spiffe://shop.example/ns/shop/sa/orders"));
        Assert.That(refusal.Message, Does.Contain($"127.0.0.1:{wrong.Port}"));
        Assert.That(wrong.Arrivals, Is.Empty);
    }

    [Test]
    public async Task SendAsync_PeerIsAllowedByPolicy_IsCalled()
    {
        await using var legacy = await MeshService.StartAsync(TestAuthority.Shop.Identity("legacy"));
        await using var host = new ClientHost(Orders("""{ "Tls": { "AllowedPeers": [ "spiffe://shop.example/ns/shop/*" ] } }""", legacy));

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.IsSuccessStatusCode, Is.True);
    }

    [Test]
    public async Task SendAsync_DiscoveryKnowsTheEndpoint_ThatIdIsExpected()
    {
        await using var second = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders-v2"));
        await using var host = new ClientHost(Known(second, "spiffe://shop.example/ns/shop/sa/orders-v2"));
        using var response = await host.CreateClient().GetAsync(Uri);
        Assert.That(response.IsSuccessStatusCode, Is.True);

        // Who it is changes, and the connection that stands is somebody else's.
        host.Configuration.Replace(Known(second, "spiffe://shop.example/ns/shop/sa/orders-v3"));
        MeshTlsException? refusal = null;
        for (var patience = 0; refusal is null && patience < 1000; patience++)
        {
            refusal = await TryAsync(host);
            await Task.Delay(10);
        }

        Assert.That(refusal?.Reason, Is.EqualTo(PeerRefusal.UnexpectedId));
        Assert.That(refusal!.Message, Does.Contain("orders-v3, as discovery says of the endpoint"));
    }

    [Test]
    public async Task SendAsync_OldestVersionIsTls13_AndPeerHasOnly12_IsRefused()
    {
        using var peer = await OpenSslServer.StartAsync(TestAuthority.Shop.Identity("orders").Current, TestAuthority.Shop.Anchor, "-tls1_2");
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "127.0.0.1:{{peer.Port}}" ] } }""",
            """{ "orders": { "Retry": { "Attempts": 0 }, "Tls": { "MinimumVersion": "Tls13" } } }"""));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.HandshakeFailed), exception.ToString());
        Assert.That(exception.Message, Does.Contain("protocol_version"));
    }

    [Test]
    public async Task SendAsync_PeerOfAnotherTrustDomain_SaysSo()
    {
        await using var stranger = await MeshService.StartAsync(TestAuthority.Stranger.Identity("orders"));
        var refusal = await RefusedAsync(stranger);

        Assert.That(refusal.Reason, Is.EqualTo(PeerRefusal.UnknownTrustDomain));
        Assert.That(refusal.Message, Does.Contain("stranger.example").And.Contain("shop.example"));
    }

    [Test]
    public async Task SendAsync_PeerOfAnotherAuthorityWithOurTrustDomain_IsUntrusted()
    {
        await using var impostor = await MeshService.StartAsync(new TestAuthority("shop.example").Identity("orders"));
        Assert.That((await RefusedAsync(impostor)).Reason, Is.EqualTo(PeerRefusal.Untrusted));
    }

    [Test]
    public async Task SendAsync_PeersCertificateHasExpired_SaysSo()
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        var refusal = await RefusedAsync(orders, new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(45)));

        Assert.That(refusal.Reason, Is.EqualTo(PeerRefusal.Expired));
    }

    [Test]
    public async Task SendAsync_PeerSpeaksPlainText_SaysSo()
    {
        await using var plain = await MeshService.StartAsync(null);
        var refusal = await RefusedAsync(plain);

        Assert.That(refusal.Reason, Is.EqualTo(PeerRefusal.PlaintextPeer));
        Assert.That(refusal.Message, Does.Contain("does not speak TLS"));
        Assert.That(plain.Arrivals, Is.Empty);
    }

    [Test]
    public async Task SendAsync_PeerClosesTheHandshake_SaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
        });
        var refusal = await RefusedAsync(((IPEndPoint)listener.LocalEndpoint).Port);

        Assert.That(refusal.Reason, Is.EqualTo(PeerRefusal.HandshakeFailed));
    }

    [Test]
    public async Task SendAsync_PlainTextToATlsPort_SaysSo()
    {
        // As OpenSSL answers what is no ClientHello; Kestrel just closes.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.ReceiveAsync(new byte[1000]);
            await socket.SendAsync(new byte[] { 21, 3, 1, 0, 2, 2, 70 });
        });
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "http": [ "127.0.0.1:{{((IPEndPoint)listener.LocalEndpoint).Port}}" ] } }""",
            """{ "orders": { "Retry": { "Attempts": 0 } } }"""));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().GetAsync(new Uri("http://orders/")));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.TlsExpected));
        Assert.That(exception.HttpRequestError, Is.EqualTo(HttpRequestError.SecureConnectionError));
    }

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task SendAsync_PeerRefusesOurCertificate_FailsAndSendsNothing(string version)
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), acceptsPeer: static _ => false);
        await using var host = new ClientHost(Orders(orders));
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri) { Version = Version.Parse(version) };

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().SendAsync(request));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.RefusedByPeer), exception.ToString());
        Assert.That(exception.Message, Does.Contain("spiffe://shop.example/ns/shop/sa/storefront").And.Contain("its log says why"));
        Assert.That(exception.HttpRequestError, Is.EqualTo(HttpRequestError.ResponseEnded), "a connection that just ends is no proof that nothing arrived");
        Assert.That(orders.Arrivals, Is.Empty);
    }

    [Test]
    public async Task SendAsync_EitherScheme_PrefersTls()
    {
        await using var secure = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var plain = await MeshService.StartAsync(null);
        await using var both = new ClientHost($$"""{ "Services": { "orders": { "https": [ "{{secure.Url}}" ], "http": [ "{{plain.Url}}" ] } } }""");
        await using var either = new ClientHost($$"""{ "Services": { "orders": { "http": [ "{{plain.Url}}" ] } } }""");

        using var request = new HttpRequestMessage(HttpMethod.Get, "https+http://orders/a?b=c");
        using var first = await both.CreateClient().SendAsync(request);
        using var second = await either.CreateClient().GetAsync(new Uri("https+http://orders/a?b=c"));

        Assert.That(secure.Arrivals.Single().Peer, Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
        Assert.That(secure.Arrivals.Single().Host, Is.EqualTo("orders"));
        Assert.That(plain.Arrivals.Single().Path, Is.EqualTo("/a"));
        Assert.That(request.RequestUri!.Scheme, Is.EqualTo("https+http"));
    }

    [Test]
    public async Task SendAsync_OurIdentityRotates_NewConnectionsShowTheNewOne()
    {
        var identity = TestAuthority.Shop.Identity("storefront");
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Orders(orders), identity: identity);
        using var before = await host.CreateClient().GetAsync(Uri);

        identity.Current = TestAuthority.Shop.Identity("storefront-2").Current;
        using var same = await host.CreateClient().GetAsync(Uri);
        await orders.KillAsync();
        await orders.StartAsync();
        using var after = await host.CreateClient().GetAsync(Uri);

        Assert.That(
            orders.Arrivals.Select(static arrival => arrival.Peer![^12..]),
            Is.EqualTo(["a/storefront", "a/storefront", "storefront-2"]));
    }

    [Test]
    public async Task SendAsync_PlainTextService_NeedsNoIdentity()
    {
        await using var plain = await MeshService.StartAsync(null);
        await using var host = new ClientHost($$"""{ "Services": { "orders": { "http": [ "{{plain.Url}}" ] } } }""");

        using var response = await host.CreateClient().GetAsync(new Uri("http://orders/x"));

        Assert.That(plain.Arrivals.Single().Host, Is.EqualTo("orders"));
    }

    private static async Task<MeshTlsException?> TryAsync(ClientHost host)
    {
        try
        {
            using var response = await host.CreateClient().GetAsync(Uri);
            return null;
        }
        catch (HttpRequestException exception)
        {
            return (MeshTlsException)exception.InnerException!;
        }
    }

    private static string Known(MeshService replica, string id) => Given.Services(
        $$"""{ "orders": { "https": [ { "Address": "127.0.0.1:{{replica.Port}}", "Identity": "{{id}}" } ] } }""",
        """{ "orders": { "Retry": { "Attempts": 0 } } }""");

    private static Task<MeshTlsException> RefusedAsync(MeshService service, TimeProvider? time = null) => RefusedAsync(service.Port, time);

    private static async Task<MeshTlsException> RefusedAsync(int port, TimeProvider? time = null)
    {
        await using var host = new ClientHost(
            Given.Services($$"""{ "orders": { "https": [ "127.0.0.1:{{port}}" ] } }""", """{ "orders": { "Retry": { "Attempts": 0 } } }"""),
            time: time);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(exception!.HttpRequestError, Is.EqualTo(HttpRequestError.SecureConnectionError));
        Assert.That(exception.InnerException, Is.TypeOf<MeshTlsException>());
        return (MeshTlsException)exception.InnerException!;
    }

    private static string Orders(params MeshService[] replicas) => Orders("{}", replicas);

    private static string Orders(string settings, params MeshService[] replicas) => Given.Services(
        $$"""{ "orders": { "https": [ {{string.Join(", ", replicas.Select(static replica => $"\"127.0.0.1:{replica.Port}\""))}} ] } }""",
        $$"""{ "orders": {{settings}} }""");
}
