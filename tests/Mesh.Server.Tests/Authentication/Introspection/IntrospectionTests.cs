using System.Text.Json.Nodes;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Tests.Authentication.Introspection;

/// <summary>Opaque tokens and JSON Web Tokens side by side.</summary>
internal sealed class IntrospectionTests
{
    private static readonly TokenForge Forge = new();

    private readonly IntrospectionEndpointStub _endpoint = new() { Answer = """{"active":true,"sub":"opaque-alice","scope":"a b"}""" };

    [OneTimeTearDown]
    public void Dispose() => _endpoint.Dispose();

    [Test]
    public async Task OpaqueToken_BesideJwts_IsAskedAbout_AndJwtsAreNot()
    {
        await using var app = await StartAsync(
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks));

        Assert.That(await GetAsync(app, "/who", "2YotnFZFEjr1zCsicMWpAA"), Is.EqualTo("https://opaque.example/opaque-alice"));
        Assert.That(await GetAsync(app, "/scoped", "2YotnFZFEjr1zCsicMWpAA"), Is.EqualTo("opaque-alice"));
        var asked = _endpoint.Requests;
        Assert.That(await GetAsync(app, "/who", Forge.Es256()), Is.EqualTo("https://login.example/alice"));
        Assert.That(await GetAsync(app, "/who", "a.b.c"), Is.EqualTo("token-malformed"));
        Assert.That(await GetAsync(app, "/who", new string('a', 20_000)), Is.EqualTo("token-too-large"));
        Assert.That(_endpoint.Requests, Is.EqualTo(asked));
    }

    [Test]
    public async Task AnyToken_WithoutJwtIssuers_IsAskedAbout()
    {
        await using var app = await StartAsync();

        Assert.That(await GetAsync(app, "/who", Forge.Es256()), Is.EqualTo("https://opaque.example/opaque-alice"));
    }

    [TestCase("Endpoint", "http://opaque.example/introspect")]
    [TestCase("Issuer", "")]
    [TestCase("Issuer", "api-key")]
    [TestCase("ClientSecret", "")]
    [TestCase("Timeout", "00:01:00")]
    [TestCase("CacheDuration", "02:00:00")]
    public void Configuration_ThatIsWrong_IsRefusedAtStart(string key, string value)
    {
        var settings = Settings().ToDictionary(static setting => setting.Item1, static setting => setting.Item2);
        settings[$"Authentication:Introspection:{key}"] = value;
        var (app, log) = ServedApp.Build(static _ => { }, settings.Select(static setting => (setting.Key, setting.Value)));
        using (log)
        {
            Assert.That(async () => await app.StartAsync(), Throws.Exception.Message.Contains($"Introspection:{key}: ").And.Message.Not.Contains("the-secret"));
        }
    }

    private static IEnumerable<(string, string?)> Settings() =>
    [
        ("PeerAuthentication", "Disabled"),
        ("Authentication:Introspection:Endpoint", "https://opaque.example/introspect"),
        ("Authentication:Introspection:Issuer", "https://opaque.example"),
        ("Authentication:Introspection:ClientId", "orders"),
        ("Authentication:Introspection:ClientSecret", "the-secret"),
    ];

    private static async Task<string> GetAsync(ServedApp app, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {token}" } } };
        using var response = await app.Plaintext().SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : JsonNode.Parse(text)!["type"]!.GetValue<string>()["urn:mesh:problem:".Length..];
    }

    private Task<ServedApp> StartAsync(params IEnumerable<(string, string?)> more) => ServedApp.StartAsync(
        static app =>
        {
            app.MapGet("/who", static (HttpContext http) => http.Features.Get<MeshRequest>()!.RequestPrincipal);
            app.MapGet("/scoped", static (HttpContext http) => http.User.Identity!.Name).RequireAuthorization(static policy => policy.RequireClaim("scope", "b"));
        },
        [.. Settings(), .. more],
        builder => builder.Services.AddHttpClient(IntrospectionClient.ClientName).ConfigurePrimaryHttpMessageHandler(() => _endpoint));
}
