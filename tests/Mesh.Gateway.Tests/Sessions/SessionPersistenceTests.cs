using System.Globalization;
using System.Net;
using Mesh.Configuration;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Sessions;

/// <summary>Callers that stay with one endpoint: rules with <c>SessionPersistence</c>.</summary>
public sealed class SessionPersistenceTests
{
    private const string Cookie = """ "SessionPersistence": { "Type": "Cookie" } """;
    private const string Header = """ "SessionPersistence": { "Type": "Header", "SessionName": "x-cart" } """;

    [Test]
    public async Task Request_WithCookie_StaysWhereItWas()
    {
        await using var replicas = await Replicas.StartAsync(4);
        await using var edge = await Edge.StartAsync(Edge.Everything("orders", Cookie), replicas.As("orders"));
        for (var caller = 0; caller < 6; caller++)
        {
            var (first, cookie) = await AskAsync(edge, null);
            Assert.That(cookie, Does.StartWith("mesh-session=").And.EndsWith("; path=/; samesite=lax; httponly"));
            for (var i = 0; i < 5; i++)
            {
                var (again, another) = await AskAsync(edge, cookie);
                Assert.That((again, another), Is.EqualTo((first, (string?)null)), "the same replica, and nothing new to keep");
            }
        }
    }

    [Test]
    public async Task Request_WithoutCookie_IsBalanced()
    {
        await using var replicas = await Replicas.StartAsync(3);
        await using var edge = await Edge.StartAsync(Edge.Everything("orders", Cookie), replicas.As("orders"));

        HashSet<string> seen = [];
        for (var i = 0; i < 60; i++)
        {
            seen.Add((await AskAsync(edge, null)).Replica);
        }

        Assert.That(seen, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Request_EndpointHasGone_GetsAnotherAndStaysThere()
    {
        await using var replicas = await Replicas.StartAsync(3);
        await using var edge = await Edge.StartAsync(Edge.Everything("orders", Cookie), replicas.As("orders"));
        var (first, cookie) = await AskAsync(edge, null);

        await replicas.KillAsync(first);
        var (second, moved) = await AskAsync(edge, cookie);

        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(moved, Is.Not.Null.And.Not.EqualTo(cookie));
        Assert.That(await AskAsync(edge, moved), Is.EqualTo((second, (string?)null)));
    }

    [TestCase("mesh-session=nonsense")]
    [TestCase("mesh-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("mesh-session=")]
    [TestCase("mesh-session=%00%FF")]
    public async Task Request_ForgedCookie_IsAsGoodAsNone(string forged)
    {
        await using var replicas = await Replicas.StartAsync(2);
        await using var edge = await Edge.StartAsync(Edge.Everything("orders", Cookie), replicas.As("orders"));

        var (_, cookie) = await AskAsync(edge, forged);

        Assert.That(cookie, Does.StartWith("mesh-session="), "a new session");
    }

    [Test]
    public async Task Response_Cookie_TellsNothingAboutTheEndpoint()
    {
        await using var replicas = await Replicas.StartAsync(1);
        await using var edge = await Edge.StartAsync(Edge.Everything("orders", Cookie), replicas.As("orders"));

        var one = await AskAsync(edge, null);
        var other = await AskAsync(edge, null);

        Assert.That(one.Kept, Is.Not.EqualTo(other.Kept), "the same endpoint, sealed twice");
        Assert.That(one.Kept, Does.Not.Contain("127.0.0.1").And.Not.Contain(one.Replica));
    }

    [Test]
    public async Task Request_CookieOfAnotherRule_IsAsGoodAsNone()
    {
        await using var replicas = await Replicas.StartAsync(2);
        await using var edge = await Edge.StartAsync(
            $$"""{ "a": { "Rules": [ { "Matches": [ { "Path": { "Value": "/a" } } ], "BackendRefs": [ { "Name": "orders" } ], {{Cookie}} } ] }, "b": { "Rules": [ { "BackendRefs": [ { "Name": "orders" } ], {{Cookie}} } ] } }""",
            replicas.As("orders"));
        var (_, cookie) = await AskAsync(edge, null, "/a");

        Assert.That((await AskAsync(edge, cookie, "/a")).Kept, Is.Null);
        Assert.That((await AskAsync(edge, cookie, "/b")).Kept, Is.Not.Null);
    }

    [Test]
    public async Task Request_WeightedBackends_StaysWithItsBackend()
    {
        await using var old = await Replicas.StartAsync(1);
        await using var canary = await Replicas.StartAsync(1);
        const string Both = """{ "all": { "Rules": [ { "BackendRefs": [ { "Name": "orders", "Weight": 1 }, { "Name": "orders-v2", "Weight": 1 } ], "SessionPersistence": { "Type": "Cookie" } } ] } }""";
        await using var edge = await Edge.StartAsync(Both, [.. old.As("orders"), .. canary.As("orders-v2")]);
        var (first, cookie) = await AskAsync(edge, null);

        for (var i = 0; i < 20; i++)
        {
            Assert.That((await AskAsync(edge, cookie)).Replica, Is.EqualTo(first));
        }

        edge.Reload(first == old.Names[0] ? Both.Replace("\"orders\", \"Weight\": 1", "\"orders\", \"Weight\": 0", StringComparison.Ordinal) : Both.Replace("v2\", \"Weight\": 1", "v2\", \"Weight\": 0", StringComparison.Ordinal));

        Assert.That((await AskAsync(edge, cookie)).Replica, Is.Not.EqualTo(first), "a backend that gets nothing any more");
    }

    [Test]
    public async Task Request_WithHeader_StaysWhereItWas()
    {
        await using var replicas = await Replicas.StartAsync(3);
        await using var edge = await Edge.StartAsync(Edge.Everything("orders", Header), replicas.As("orders"));
        using var first = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));
        var session = first.Headers.GetValues("x-cart").Single();
        var replica = await first.Content.ReadAsStringAsync();

        for (var i = 0; i < 10; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "x-cart", session } } };
            using var again = await edge.Client.SendAsync(request);
            Assert.That(await again.Content.ReadAsStringAsync(), Is.EqualTo(replica));
        }
    }

    [Test]
    public async Task Response_PermanentCookie_SaysHowLongItIsToBeKept()
    {
        await using var replicas = await Replicas.StartAsync(1);
        await using var edge = await Edge.StartAsync(
            Edge.Everything("orders", """ "SessionPersistence": { "SessionName": "cart", "AbsoluteTimeout": "1h", "CookieConfig": { "LifetimeType": "Permanent" } } """), replicas.As("orders"));

        Assert.That((await AskAsync(edge, null)).Kept, Does.StartWith("cart=").And.Contain("max-age=3600"));
    }

    [TestCase(""" "SessionPersistence": { "SessionName": "a b" } """, "SessionPersistence:SessionName: found 'a b'")]
    [TestCase(""" "SessionPersistence": { "CookieConfig": { "LifetimeType": "Permanent" } } """, "SessionPersistence:CookieConfig:LifetimeType")]
    [TestCase(""" "SessionPersistence": { "Type": "Url" } """, "SessionPersistence:Type: found 'Url', allowed is one of Cookie, Header")]
    public void Start_BadSettings_NamesThem(string settings, string expected) => Assert.That(
        async () => await Edge.StartAsync(Edge.Everything("orders", settings), ("orders", "127.0.0.1:9")),
        Throws.InstanceOf<MeshConfigurationException>().With.Message.Contains(expected));

    [Test]
    public void Start_BadKey_NamesItsPlaceAndNotTheKey() => Assert.That(
        async () => await Edge.StartWithMembersAsync(Edge.Everything("orders", Cookie), """ "SessionKeys": [ "c2VjcmV0" ], """, "", ("orders", "127.0.0.1:9")),
        Throws.InstanceOf<MeshConfigurationException>().With.Message.Contains("Mesh:Gateway:SessionKeys:0").And.Message.Not.Contains("c2VjcmV0"));

    private static async Task<(string Replica, string? Kept)> AskAsync(Edge edge, string? cookie, string path = "/")
    {
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = edge.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie.Split(';')[0]);
        }

        using var response = await client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return (await response.Content.ReadAsStringAsync(), response.Headers.TryGetValues("Set-Cookie", out var kept) ? kept.Single() : null);
    }

    /// <summary>Endpoints of one service; each answers with its name.</summary>
    private sealed class Replicas : IAsyncDisposable
    {
        private static int s_count;
        private readonly Dictionary<string, Backend> _backends = [];

        public string[] Names => [.. _backends.Keys];

        public static async Task<Replicas> StartAsync(int count)
        {
            var replicas = new Replicas();
            for (var i = 0; i < count; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"replica-{Interlocked.Increment(ref s_count)}");
                replicas._backends[name] = await Backend.StartAsync(http => http.Response.WriteAsync(name));
            }

            return replicas;
        }

        public (string, string)[] As(string service) =>
            [.. _backends.Values.Select((backend, i) => (string.Create(CultureInfo.InvariantCulture, $"{service}:http:{i}"), backend.Address))];

        public ValueTask KillAsync(string name) => _backends[name].DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            foreach (var backend in _backends.Values)
            {
                await backend.DisposeAsync();
            }
        }
    }
}
