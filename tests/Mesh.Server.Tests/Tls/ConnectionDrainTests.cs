using System.Net;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Tests.Tls;

internal sealed class ConnectionDrainTests
{
    private static readonly (string, string?) LongDrain = ("Tls:DrainTimeout", "01:00:00");
    private static readonly (string, string?) ShortDrain = ("Tls:DrainTimeout", "00:00:00.400");

    [Test]
    public async Task Rotation_Http11_TheNextResponseIsTheLastOfItsConnection()
    {
        using var source = ServedApp.Authority.CreateSource("orders");
        await using var app = await StartAsync(source, ("Tls:DrainTimeout", "00:00:20"));
        var first = await GetAsync(app, HttpVersion.Version11);

        source.Rotate(ServedApp.Authority.Issue("orders"));
        var last = await EventuallyAsync(() => GetAsync(app, HttpVersion.Version11), static answer => answer.Closes);
        var next = await GetAsync(app, HttpVersion.Version11);

        Assert.That(first.Closes, Is.False);
        Assert.That(last.Connection, Is.EqualTo(first.Connection));
        Assert.That(next.Connection, Is.Not.EqualTo(first.Connection));
        Assert.That(next.Closes, Is.False);
    }

    [Test]
    public async Task Rotation_Http2_FollowingRequestsUseAnotherConnection()
    {
        using var source = ServedApp.Authority.CreateSource("orders");
        await using var app = await StartAsync(source, ("Tls:DrainTimeout", "00:00:20"));
        var first = await GetAsync(app, HttpVersion.Version20);

        source.Rotate(ServedApp.Authority.Issue("orders"));
        var next = await EventuallyAsync(() => GetAsync(app, HttpVersion.Version20), answer => answer.Connection != first.Connection);

        Assert.That(next.Body, Is.EqualTo("storefront"));
    }

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task Rotation_RequestOutlivesTheBound_IsCut(string version)
    {
        using var source = ServedApp.Authority.CreateSource("orders");
        await using var app = await StartAsync(source, ShortDrain);
        var endless = GetAsync(app, Version.Parse(version), "/endless");
        await EventuallyAsync(() => Task.FromResult(app.Services.GetRequiredService<Counter>().Endless), static count => count == 1);

        source.Rotate(ServedApp.Authority.Issue("orders"));

        Assert.That(async () => await endless.WaitAsync(TimeSpan.FromSeconds(20)), Throws.InstanceOf<HttpRequestException>());
    }

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task TrustAnchorIsRemoved_TheOpenConnectionHasNoPeerAnyMore(string version)
    {
        using var source = ServedApp.Authority.CreateSource("orders");
        using var other = new TestCertificateAuthority("shop.example", "shop");
        await using var app = await StartAsync(source, LongDrain);
        var client = app.Peer(ServedApp.Authority.Issue("storefront"));
        using var hold = await SendAsync(client, Version.Parse(version), "/first");
        Assert.That(hold.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        source.Rotate(new X509Identity(source.Current.Leaf, [], other.Trust));

        // The connection has lost its peer, and that request is its last: the next one needs another, which is refused.
        using var after = await SendAsync(client, Version.Parse(version), "/who");
        Assert.That(after.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(after.Headers.ConnectionClose, Is.EqualTo(version == "1.1" ? true : null));
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(client, Version.Parse(version), "/who"));
    }

    [Test]
    public async Task TrustAnchorIsRemoved_IdleConnectionIsClosedWithinTheBound()
    {
        using var source = ServedApp.Authority.CreateSource("orders");
        using var other = new TestCertificateAuthority("shop.example", "shop");
        await using var app = await StartAsync(source, ShortDrain);
        await using var connection = await RawConnection.OpenAsync(app.Https, ServedApp.Authority.Issue("storefront"));
        Assert.That(await connection.GetAsync("/who"), Does.StartWith("HTTP/1.1 200"));

        source.Rotate(new X509Identity(source.Current.Leaf, [], other.Trust));

        Assert.That(await connection.ReadToEndAsync(TimeSpan.FromSeconds(20)), Is.Empty);
    }

    [Test]
    public async Task TrustGrowsAndIdentityStays_ConnectionsStay()
    {
        using var source = ServedApp.Authority.CreateSource("orders");
        using var other = new TestCertificateAuthority("other.example");
        await using var app = await StartAsync(source, ShortDrain);
        var first = await GetAsync(app, HttpVersion.Version11);

        source.Rotate(new X509Identity(
            source.Current.Leaf,
            [],
            new TrustBundles([new("shop.example", [ServedApp.Authority.Anchor]), new("other.example", [other.Anchor])])));
        await Task.Delay(500);
        var next = await GetAsync(app, HttpVersion.Version11);

        Assert.That(next, Is.EqualTo(first));
    }

    [Test]
    public async Task MaxConnectionAge_HasPassed_TheNextResponseIsTheLast()
    {
        using var source = ServedApp.Authority.CreateSource("orders");
        await using var app = await StartAsync(source, ("Tls:MaxConnectionAge", "00:00:00.200"));
        var first = await GetAsync(app, HttpVersion.Version11);

        var last = await EventuallyAsync(() => GetAsync(app, HttpVersion.Version11), static answer => answer.Closes);

        Assert.That(last.Connection, Is.EqualTo(first.Connection));
    }

    private static Task<ServedApp> StartAsync(TestIdentitySource source, params (string, string?)[] settings) => ServedApp.StartAsync(
        static app =>
        {
            app.Map("/who", static (HttpContext http) => Answer(http));
            app.Map("/first", static (HttpContext http) => Answer(http));
            app.Map("/endless", static (HttpContext http, Counter counter) =>
            {
                Interlocked.Increment(ref counter.Endless);
                return Task.Delay(Timeout.Infinite, http.RequestAborted);
            });
        },
        settings,
        builder =>
        {
            builder.Services.AddSingleton<IIdentitySource>(source);
            builder.Services.AddSingleton<Counter>();
        });

    private static string Answer(HttpContext http)
    {
        http.Response.Headers["connection-id"] = http.Connection.Id;
        return http.Features.Get<MeshRequest>()?.Peer?.ServiceAccount ?? "nobody";
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, Version version, string path) => client.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, path) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact });

    private static async Task<Reply> GetAsync(ServedApp app, Version version, string path = "/who")
    {
        using var response = await SendAsync(app.Peer(), version, path);
        return new Reply(
            await response.Content.ReadAsStringAsync(),
            response.Headers.GetValues("connection-id").Single(),
            response.Headers.ConnectionClose == true);
    }

    private static async Task<T> EventuallyAsync<T>(Func<Task<T>> get, Func<T, bool> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            var value = await get();
            if (condition(value))
            {
                return value;
            }

            await Task.Delay(20);
        }

        throw new AssertionException("It did not happen in time.");
    }

    private sealed record Reply(string Body, string Connection, bool Closes);

    private sealed class Counter
    {
        public int Endless;
    }
}
