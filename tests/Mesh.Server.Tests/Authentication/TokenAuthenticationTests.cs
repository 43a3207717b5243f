using System.Net;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Keys;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Tests.Authentication;

internal sealed class TokenAuthenticationTests
{
    private static readonly TokenForge Forge = new();

    private readonly IssuerStub _issuer = new() { Jwks = Forge.Jwks };
    private ServedApp _app = null!;

    public static IEnumerable<TestCaseData> Hostile => HostileTokens.All(Forge);

    [OneTimeSetUp]
    public async Task StartAsync() => _app = await ServedApp.StartAsync(
        static app => app.MapGet("/who", static (HttpContext http) => http.Features.Get<MeshRequest>()!.RequestPrincipal ?? "nobody"),
        [
            ("PeerAuthentication", "Disabled"),
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Audiences:0", TokenForge.Audience),
            ("Authentication:Jwt:0:JwksUri", "https://login.example/jwks"),
        ],
        builder => builder.Services.AddHttpClient(JwksFetcher.ClientName).ConfigurePrimaryHttpMessageHandler(() => _issuer));

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _app.DisposeAsync();
        _issuer.Dispose();
    }

    [TestCaseSource(nameof(Hostile))]
    public async Task HostileToken(string authorization, string reason)
    {
        using var response = await SendAsync(authorization);

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Unauthorized, reason);
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer error=\"invalid_token\""));
    }

    [Test]
    public async Task GoodTokens_GiveThePrincipal()
    {
        string[] tokens =
        [
            Forge.Rs256(),
            Forge.Es256(),
            Forge.Rs256(header: static h => h.Remove("typ")),
            Forge.Rs256(header: static h => h["typ"] = "at+jwt"),
            Forge.Rs256(header: static h => h.Remove("kid")),
            Forge.Rs256(static c => c["aud"] = new System.Text.Json.Nodes.JsonArray("bank", "shop")),
            Forge.Rs256(static c => c["exp"] = DateTimeOffset.UtcNow.AddSeconds(-30).ToUnixTimeSeconds()),
            Forge.Rs256(static c => c["nbf"] = DateTimeOffset.UtcNow.AddSeconds(30).ToUnixTimeSeconds()),
        ];
        foreach (var token in tokens)
        {
            using var response = await SendAsync($"Bearer {token}");
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("https://login.example/alice"));
        }
    }

    [Test]
    public async Task SameToken_Twice_IsAcceptedTwice()
    {
        var token = Forge.Rs256();
        for (var i = 0; i < 2; i++)
        {
            using var response = await SendAsync($"bearer {token}");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task CachedToken_IsNotBelievedWithAnotherSignature()
    {
        var token = Forge.Rs256(static c => c["sub"] = "carol");
        using var first = await SendAsync($"Bearer {token}");

        using var changed = await SendAsync($"Bearer {token[..^6]}AAAAAA");

        Assert.That((first.StatusCode, changed.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Unauthorized)));
    }

    [Test]
    public async Task TwoAuthorizationFields_AreRefused()
    {
        var token = Forge.Rs256();
        var raw = await RawHttp.SendAsync(
            _app.Http,
            $"GET /who HTTP/1.1\r\nHost: orders\r\nAuthorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");

        Assert.That(raw, Does.StartWith("HTTP/1.1 401 "));
    }

    [TestCase(null)]
    [TestCase("Basic YWxpY2U6c2VjcmV0")]
    public async Task NoBearerToken_GoesOnWithoutAPrincipal(string? authorization)
    {
        using var response = await SendAsync(authorization);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("nobody"));
    }

    [Test]
    public async Task Refusal_NamesNeitherTokenNorExpectation()
    {
        var token = Forge.Rs256(static c => c["aud"] = "bank");
        using var response = await SendAsync($"Bearer {token}");
        var text = await response.Content.ReadAsStringAsync();

        Assert.That(text, Does.Not.Contain("bank").And.Not.Contain(token[..20]).And.Not.Contain("\"shop\""));
        Assert.That(_app.Log.Entries.Select(static entry => entry.Message), Has.None.Contains(token[..40]));
    }

    [Test]
    public async Task Refusal_IsExplainedInTheLog_OnOneLine()
    {
        using var response = await SendAsync($"Bearer {Forge.Rs256(static c => c["iss"] = "https://evil.example\r\ninfo: all is well")}");

        Assert.That(_app.Log.Entries.Select(static entry => entry.Message), Has.Some.Contains("https%3A%2F%2Fevil.example%0D%0Ainfo").And.Contains("token-issuer").And.Contains(Forge.RsaKeyId));
    }

    private Task<HttpResponseMessage> SendAsync(string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/who");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return _app.Plaintext().SendAsync(request);
    }
}
