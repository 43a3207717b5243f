using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Mesh.Server.Telemetry;
using Mesh.Server.Tests.Authentication;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tests.Authorization;

/// <summary>Conditions on what a real request has, documents that are tried out, and audits.</summary>
internal sealed class DocumentTests
{
    private static readonly TokenForge Forge = new();

    [TestCase("request.headers[X-Tenant]", "t1", true)]
    [TestCase("request.headers[X-Tenant]", "t2", false)]
    [TestCase("source.ip", "127.0.0.0/8", true)]
    [TestCase("source.ip", "10.0.0.0/8", false)]
    [TestCase("remote.ip", "127.0.0.1", true)]
    [TestCase("destination.ip", "127.0.0.1", true)]
    [TestCase("destination.ip", "127.0.0.2", false)]
    [TestCase("destination.port", "{port}", true)]
    [TestCase("destination.port", "1", false)]
    [TestCase("connection.sni", "orders.example", true)]
    [TestCase("connection.sni", "other.example", false)]
    [TestCase("source.serviceAccount", "storefront", true)]
    [TestCase("source.serviceAccount", "ops/storefront", false)]
    [TestCase("request.auth.claims[roles]", "buyer", true)]
    [TestCase("request.auth.claims[roles]", "admin", false)]
    [TestCase("request.auth.audiences", TokenForge.Audience, true)]
    public async Task Condition_OnARealRequest_Decides(string key, string value, bool allowed)
    {
        await using var app = await StartAsync();
        app.Reconfigure(
            ("Authorization:p:Rules:0:When:0:Key", key),
            ("Authorization:p:Rules:0:When:0:Values:0", value.Replace("{port}", $"{app.Https.Port}", StringComparison.Ordinal)));
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, app.Https.Port, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { ClientCertificateContext = ServedApp.Authority.Issue("storefront").CertificateContext, RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders.example/orders");
        request.Headers.Add("x-tenant", "t1");
        request.Headers.Authorization = new("Bearer", Forge.Rs256(claims => claims["roles"] = new JsonArray("buyer", "seller")));

        using var response = await client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task DryRun_ThatWouldDeny_IsCountedAndNothingElse()
    {
        await using var app = await StartAsync(
            ("Authorization:new:Action", "Deny"),
            ("Authorization:new:DryRun", "true"),
            ("Authorization:new:Rules:0:To:0:Paths:0", "/orders"));
        using var counter = Count(app, MeshServerTelemetry.DryRunName);

        using var response = await app.Peer().GetAsync("/orders");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(counter.Values("mesh.policy"), Is.EqualTo(new[] { "new" }));
        Assert.That(counter.Values("reason"), Is.EqualTo(new[] { "would_deny" }));
        Assert.That(app.Log.At(LogLevel.Debug), Has.Some.Contains("would be denied; deciding policy: new"));
    }

    [Test]
    public async Task DryRun_ThatWouldAllow_TheRequestStaysRefused()
    {
        await using var app = await StartAsync(
            ("Authorization:old:Rules:0:To:0:Paths:0", "/nothing"),
            ("Authorization:new:DryRun", "true"),
            ("Authorization:new:Rules:0:To:0:Paths:0", "/orders"));
        using var counter = Count(app, MeshServerTelemetry.DryRunName);

        using var response = await app.Peer().GetAsync("/orders");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(counter.Values("reason"), Is.EqualTo(new[] { "would_allow" }));
    }

    [Test]
    public async Task Audit_EveryMatchingDocument_IsLoggedAndCounted()
    {
        await using var app = await StartAsync(
            ("Authorization:a:Action", "Audit"),
            ("Authorization:a:Rules:0:To:0:Methods:0", "GET"),
            ("Authorization:b:Action", "Audit"),
            ("Authorization:b:Rules:0:To:0:Paths:0", "/other"),
            ("Authorization:c:Action", "Audit"),
            ("Authorization:c:Rules:0:From:0:Namespaces:0", "shop"));
        using var counter = Count(app, MeshServerTelemetry.AuditsName);

        using var response = await app.Peer().GetAsync("/orders");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(counter.Values("mesh.policy"), Is.EqualTo(new[] { "a", "c" }));
        Assert.That(app.Log.At(LogLevel.Information).Where(static line => line.StartsWith("Audit", StringComparison.Ordinal)), Has.Exactly(2).Contains("GET /orders of peer spiffe://shop.example/ns/shop/sa/storefront"));
    }

    private static CounterRecorder Count(ServedApp app, string name) => new(app.Services.GetRequiredService<IMeterFactory>(), name);

    private static Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(
        static app => app.MapGet("/orders", static () => "orders"),
        [
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Audiences:0", TokenForge.Audience),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks),
            .. settings,
        ]);
}
