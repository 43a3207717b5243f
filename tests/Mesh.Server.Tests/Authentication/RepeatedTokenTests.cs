using System.Net;
using System.Text.Json.Nodes;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Keys;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.Authentication;

/// <summary>Tokens that come again over the same TLS connection: what is remembered of them never outlives them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RepeatedTokenTests : IDisposable
{
    private static readonly TokenForge Forge = new();

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly IssuerStub _issuer = new() { Jwks = Forge.Jwks };
    private ServedApp _app = null!;
    private HttpClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _app = await ServedApp.StartAsync(
            static app => app.MapGet("/who", static (HttpContext http) => $"{http.Connection.Id} {http.Features.Get<MeshRequest>()!.RequestPrincipal}"),
            [
                ("PeerAuthentication", "Permissive"),
                ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
                ("Authentication:Jwt:0:JwksUri", "https://login.example/jwks"),
            ],
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_time);
                builder.Services.AddHttpClient(JwksFetcher.ClientName).ConfigurePrimaryHttpMessageHandler(() => _issuer);
            });
        _client = _app.Anonymous();
    }

    [TearDown]
    public async Task StopAsync() => await _app.DisposeAsync();

    public void Dispose() => _issuer.Dispose();

    [Test]
    public async Task AnotherToken_IsNotTakenForTheLast()
    {
        var alice = Forge.Es256();
        var carol = Forge.Es256(static c => c["sub"] = "carol");
        var first = await GetAsync(alice);

        Assert.That(first, Does.EndWith("/alice"));
        Assert.That(await GetAsync(alice), Is.EqualTo(first), "the same connection");
        Assert.That(await GetAsync(carol), Does.EndWith("/carol"));
        Assert.That(await GetAsync(alice), Is.EqualTo(first));
        Assert.That(await GetAsync($"{alice[..^2]}AA"), Is.EqualTo("token-signature"));
        Assert.That(await GetAsync(alice[..^2]), Is.EqualTo("token-signature"));
    }

    [Test]
    public async Task ExpiredToken_IsRefused()
    {
        var token = Forge.Es256(c => c["exp"] = _time.GetUtcNow().AddSeconds(10).ToUnixTimeSeconds());
        await GetAsync(token);
        _time.Advance(TimeSpan.FromSeconds(71));

        Assert.That(await GetAsync(token), Is.EqualTo("token-expired"));
    }

    [Test]
    public async Task TokenOfAWithdrawnKey_IsRefused()
    {
        using var next = new TokenForge("2");
        var token = Forge.Es256();
        await GetAsync(token);
        _issuer.Jwks = next.Jwks;
        Assert.That(await GetAsync(next.Es256()), Does.EndWith("/alice"));

        Assert.That(await GetAsync(token), Is.EqualTo("token-unknown-key"));
    }

    [Test]
    public async Task TokenOfAnIssuerThatIsAcceptedNoMore_IsRefused()
    {
        var token = Forge.Es256();
        await GetAsync(token);
        _app.Reconfigure(("Authentication:Jwt:0:Issuer", "https://other.example"));

        for (var i = 0; i < 500 && await GetAsync(token) != "token-issuer"; i++)
        {
            await Task.Delay(10);
        }

        Assert.That(await GetAsync(token), Is.EqualTo("token-issuer"));
    }

    private async Task<string> GetAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who") { Headers = { { "Authorization", $"Bearer {token}" } } };
        using var response = await _client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.StatusCode == HttpStatusCode.OK ? text : JsonNode.Parse(text)!["type"]!.GetValue<string>()["urn:mesh:problem:".Length..];
    }
}
