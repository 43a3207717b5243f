using System.Net;
using System.Text.Json;
using Mesh.Client.Calls;
using Mesh.Client.Discovery.Dns;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery.Dns;

/// <summary>The whole way: a name server, the provider, the mesh's own watcher, a call.</summary>
public sealed class DnsDiscoveryTests
{
    private static readonly Uri Uri = new("https://orders/items");

    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task Call_ServiceInDns_GoesToItsAddresses()
    {
        await using var server = new DnsServer();
        server.Names("orders.test", "10.0.0.1", "10.0.0.2");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test" }""");

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(AddressesOf(host), Is.EquivalentTo(["10.0.0.1:443", "10.0.0.2:443"]));
        Assert.That(stub.Requests.Single().Host, Is.EqualTo("orders"));
    }

    [Test]
    public async Task Call_ServiceRecords_UsesTheSchemeOrTheNameOfThePort()
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.Srv, "_https._tcp.orders.test", DnsRecord.Service("_https._tcp.orders.test", 0, 0, 8443, "a.test"));
        server.Answers(DnsRecord.Srv, "_admin._tcp.orders.test", DnsRecord.Service("_admin._tcp.orders.test", 0, 0, 9443, "a.test"));
        server.Names("a.test", "10.0.0.1");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test", "Records": "Srv" }""");

        (await host.CreateClient().GetAsync(Uri)).Dispose();
        (await host.CreateClient().GetAsync(new Uri("https://_admin.orders/"))).Dispose();

        Assert.That(stub.Requests.Select(static request => request.Uri.Authority), Is.EqualTo(["10.0.0.1:8443", "10.0.0.1:9443"]));
    }

    [Test]
    public async Task Call_ServiceOfTheConfiguration_IsNotLookedUp()
    {
        await using var server = new DnsServer();
        server.Names("orders.test", "10.0.0.1");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test" }""", """{ "orders": { "http": [ "10.9.9.9:80" ] } }""");

        (await host.CreateClient().GetAsync(new Uri("https+http://orders/"))).Dispose();

        Assert.That(stub.Requests.Single().Uri.Authority, Is.EqualTo("10.9.9.9"));
        Assert.That(server.Questions, Is.Empty);
    }

    [Test]
    public async Task Call_MicrosoftsPassThroughCameBefore_StillAsksDns()
    {
        await using var server = new DnsServer();
        server.Names("orders.test", "10.0.0.1");
        var services = new ServiceCollection().AddServiceDiscovery();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test" }""", configure: collection =>
        {
            // As if it had been called before AddMeshClient().
            for (var i = 0; i < services.Count; i++)
            {
                collection.Insert(i, services[i]);
            }
        });

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(stub.Requests.Single().Uri.Host, Is.EqualTo("10.0.0.1"));
    }

    [TestCase("https://api.example/", false)]
    [TestCase("https://localhost/", false)]
    [TestCase("https://sub.localhost/", false)]
    [TestCase("https://nottest/", true)]
    [TestCase("https://orders.test/", true)]
    [TestCase("https://orders.nottest/", false)]
    public async Task Call_UnknownHost_IsLookedUpOnlyWhereItCouldBeAService(string url, bool isLookedUp)
    {
        await using var server = new DnsServer();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test" }""");

        (await host.CreateClient().GetAsync(new Uri(url))).Dispose();

        Assert.That(stub.Requests.Single().Uri, Is.EqualTo(new Uri(url)), "passed through");
        Assert.That(server.Questions, isLookedUp ? Is.Not.Empty : Is.Empty);
    }

    [Test]
    public async Task Call_SwitchedOff_AsksNothing()
    {
        await using var server = new DnsServer();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test", "Enabled": false }""", configure: static services => services.AddMeshDns());

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(server.Questions, Is.Empty);
    }

    [Test]
    public async Task Call_SwitchedOnInCode_AsksDns()
    {
        await using var server = new DnsServer();
        server.Names("orders", "10.0.0.1");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("{}", stub, _time, services => services.AddMeshDns(dns => dns.NameServers.Add(server.Address)));

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(AddressesOf(host), Is.EqualTo(["10.0.0.1:443"]));
    }

    [Test]
    public async Task Call_ServersFailFromTheStart_IsRefusedAndNotPassedThrough()
    {
        await using var server = new DnsServer { Always = DnsReply.Failing(DnsReply.ServerFailure) };
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test" }""");

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.DiscoveryFailed));
        Assert.That(stub.Requests, Is.Empty);
    }

    [Test]
    public async Task Watch_AnswerChanges_IsFollowedAfterTheTimeToLiveAndNotBefore()
    {
        await using var server = new DnsServer();
        server.Names("orders.test", ttl: 3, "10.0.0.1");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test" }""");
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        var asked = server.AskedFor("orders.test");

        server.Names("orders.test", ttl: 3, "10.0.0.1", "10.0.0.2");
        _time.Advance(TimeSpan.FromSeconds(2.9));
        await Task.Delay(50);
        Assert.That(server.AskedFor("orders.test"), Is.EqualTo(asked));

        await Eventually.UntilAsync(() => AddressesOf(host).SetEquals(["10.0.0.1:443", "10.0.0.2:443"]), () => _time.Advance(TimeSpan.FromMilliseconds(100)));
    }

    [TestCase(0u, 1.0)]
    [TestCase(86400u, 4.0)]
    public async Task Watch_TimeToLiveOutOfBounds_IsBounded(uint ttl, double expectedSeconds)
    {
        await using var server = new DnsServer();
        server.Names("orders.test", ttl, "10.0.0.1");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test", "MinTtl": "1s", "MaxTtl": "4s" }""");
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        _time.Advance(TimeSpan.FromSeconds(expectedSeconds * 0.95));
        await Task.Delay(50);
        Assert.That(server.AskedFor("orders.test"), Is.EqualTo(1));

        // Up to a tenth more, so that processes do not ask in step.
        _time.Advance(TimeSpan.FromSeconds(expectedSeconds * 0.15));
        await Eventually.UntilAsync(() => server.AskedFor("orders.test") == 2);
    }

    [TestCase(DnsReply.ServerFailure, "DNS does not answer for orders.test; its 1 known endpoints stay in use.")]
    [TestCase(DnsReply.NoSuchName, "DNS names no endpoint of orders.test any more; the 1 it named last stay in use.")]
    public async Task Watch_ServersFallIll_KeepsTheLastKnownAndRecovers(int code, string warning)
    {
        await using var server = new DnsServer();
        server.Names("orders.test", ttl: 1, "10.0.0.1");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(server, stub, """{ "Suffix": "test" }""");
        var client = host.CreateClient();
        (await client.GetAsync(Uri)).Dispose();

        server.Always = DnsReply.Failing(code);
        var asked = server.AskedFor("orders.test");
        await Eventually.UntilAsync(() => server.AskedFor("orders.test") > asked + 5, () => _time.Advance(TimeSpan.FromSeconds(1)));
        (await client.GetAsync(Uri)).Dispose();
        Assert.That(AddressesOf(host), Is.EqualTo(["10.0.0.1:443"]));
        Assert.That(host.Log.Mesh, Has.Exactly(1).StartsWith(warning), "once for all failures in a row");

        server.Names("orders.test", ttl: 1, "10.0.0.2");
        server.Always = null;
        await Eventually.UntilAsync(() => AddressesOf(host).SetEquals(["10.0.0.2:443"]), () => _time.Advance(TimeSpan.FromSeconds(1)));
        Assert.That(host.Log.Mesh, Has.Exactly(1).Contains("DNS answers for orders.test again."));
    }

    [Test]
    public async Task Watch_SameAnswerInAnotherOrder_IsNoChange()
    {
        await using var server = new DnsServer();
        server.Names("orders.test", ttl: 1, "10.0.0.1", "10.0.0.2");
        await using var host = Host(server, null, """{ "Suffix": "test" }""");
        var source = await host.Services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("https://orders", default);

        server.Names("orders.test", ttl: 1, "10.0.0.2", "10.0.0.1");
        await Eventually.UntilAsync(() => server.AskedFor("orders.test") > 3, () => _time.Advance(TimeSpan.FromMilliseconds(500)));
        Assert.That(source.ChangeToken.HasChanged, Is.False);

        server.Names("orders.test", ttl: 1, "10.0.0.2");
        await Eventually.UntilAsync(() => source.ChangeToken.HasChanged, () => _time.Advance(TimeSpan.FromMilliseconds(500)));
    }

    [Test]
    public async Task Reload_OtherServer_IsAskedAndTheOldOneLeftAlone()
    {
        await using var first = new DnsServer();
        await using var second = new DnsServer();
        first.Names("orders.test", ttl: 1, "10.0.0.1");
        second.Names("orders.test", ttl: 1, "10.0.0.2");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(first, stub, """{ "Suffix": "test" }""");
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        host.Configuration.Replace(Settings(second, """{ "Suffix": "test" }"""));
        await Eventually.UntilAsync(() => AddressesOf(host).SetEquals(["10.0.0.2:443"]));
        var asked = first.Questions.Count;
        await Eventually.UntilAsync(() => second.Questions.Count > 3, () => _time.Advance(TimeSpan.FromSeconds(1)));

        Assert.That(first.Questions, Has.Count.EqualTo(asked), "its watch has ended");
    }

    [Test]
    public async Task Watch_NobodyAsksAnyMore_Ends()
    {
        await using var server = new DnsServer();
        server.Names("orders.test", ttl: 1, "10.0.0.1");
        await using var host = Host(server, null, """{ "Suffix": "test" }""");
        await host.Services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("https://orders", default);

        // Microsoft's resolver drops what nobody has asked for in ten to twenty seconds.
        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
        }

        var asked = server.Questions.Count;
        _time.Advance(TimeSpan.FromMinutes(5));
        await Task.Delay(50);
        Assert.That(server.Questions, Has.Count.EqualTo(asked));
    }

    private static HashSet<string> AddressesOf(ClientHost host) => [.. host.Service("orders").Endpoints.All.Select(static endpoint => endpoint.Address)];

    private static string Settings(DnsServer server, string dns, string services = "{}")
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, object>>(dns)!;
        settings[nameof(DnsDiscoveryOptions.NameServers)] = new[] { server.Address };
        settings[nameof(DnsDiscoveryOptions.Timeout)] = "10s";
        return $$"""{ "Services": {{services}}, "Mesh": { "Discovery": { "Dns": {{JsonSerializer.Serialize(settings)}} } } }""";
    }

    private ClientHost Host(DnsServer server, HttpMessageHandler? stub, string dns, string services = "{}", Action<IServiceCollection>? configure = null) =>
        new(Settings(server, dns, services), stub, _time, configure);
}
