using System.Net;
using System.Text.Json.Nodes;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.Authentication.Places;

/// <summary>Where tokens may be, and what the application gets of them.</summary>
internal sealed class TokenPlacesTests
{
    private static readonly TokenForge Forge = new();
    private static readonly TokenForge Other = new("other");

    private ServedApp _app = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _app = await ServedApp.StartAsync(
        static app => app.Map("/who", static (HttpContext http) =>
        {
            var headers = http.Request.Headers;
            return $"{http.Features.Get<MeshRequest>()!.RequestPrincipal ?? "nobody"};{headers["x-user"]};{headers["x-groups"]};{headers["x-city"]};{headers["x-payload"]};"
                + $"{headers["x-jwt"]};{http.Request.QueryString};{headers.Cookie}";
        }),
        [
            ("PeerAuthentication", "Permissive"),
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Audiences:0", TokenForge.Audience),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks),
            ("Authentication:Jwt:0:OutputClaimToHeaders:0:Header", "x-user"),
            ("Authentication:Jwt:0:OutputClaimToHeaders:0:Claim", "sub"),
            ("Authentication:Jwt:0:OutputClaimToHeaders:1:Header", "X-Groups"),
            ("Authentication:Jwt:0:OutputClaimToHeaders:1:Claim", "groups"),
            ("Authentication:Jwt:0:OutputClaimToHeaders:2:Header", "x-city"),
            ("Authentication:Jwt:0:OutputClaimToHeaders:2:Claim", "address.city"),
            ("Authentication:Jwt:1:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:1:Audiences:0", "elsewhere"),
            ("Authentication:Jwt:1:Jwks", Other.Jwks),
            ("Authentication:Jwt:1:FromHeaders:0:Name", "X-Jwt"),
            ("Authentication:Jwt:1:FromHeaders:1:Name", "X-Other"),
            ("Authentication:Jwt:1:FromHeaders:1:Prefix", "Jwt "),
            ("Authentication:Jwt:1:FromParams:0", "access_token"),
            ("Authentication:Jwt:1:FromCookies:0", "session"),
            ("Authentication:Jwt:1:OutputPayloadToHeader", "x-payload"),
            ("Authentication:Jwt:1:ForwardOriginalToken", "false"),
        ]);

    [OneTimeTearDown]
    public async Task StopAsync() => await _app.DisposeAsync();

    [Test]
    public async Task Token_InEachPlace_IsFoundAndTakenAway()
    {
        var token = Elsewhere();
        var expected = $"https://login.example/alice;;;;{token.Split('.')[1]};;";

        Assert.That(await GetAsync("/who", ("X-Jwt", token)), Is.EqualTo($"{expected};"));
        Assert.That(await GetAsync("/who", ("x-other", $"JWT {token}")), Is.EqualTo($"{expected};"));
        Assert.That(await GetAsync($"/who?a=1&access_token={token}&b=%2F"), Is.EqualTo($"{expected}?a=1&b=%2F;"));
        Assert.That(await GetAsync($"/who?access%5Ftoken={token}"), Is.EqualTo($"{expected};"));
        Assert.That(await GetAsync("/who", ("Cookie", $"a=1; session={token}; b=2")), Is.EqualTo($"{expected};a=1; b=2"));
    }

    [Test]
    public async Task Token_OfARuleForAnotherPlace_IsRefused()
    {
        Assert.That(await GetAsync("/who", ("Authorization", $"Bearer {Elsewhere()}")), Is.EqualTo("token-unknown-key"));
        Assert.That(await GetAsync("/who", ("x-jwt", Forge.Rs256())), Is.EqualTo("token-unknown-key"));

        // Validated in its own place a moment ago.
        Assert.That(await GetAsync("/who", ("Authorization", $"Bearer {Forge.Rs256()}"), ("x-jwt", Forge.Rs256())), Is.EqualTo("token-unknown-key"));
    }

    [Test]
    public async Task SeveralTokens_MustAllBeValid_AndTheFirstRuleSaysWho()
    {
        var first = Forge.Rs256(static c => c["sub"] = "bob");

        Assert.That(await GetAsync("/who", ("x-jwt", Elsewhere()), ("Authorization", $"Bearer {first}")), Does.StartWith("https://login.example/bob;bob;"));
        Assert.That(await GetAsync("/who", ("x-jwt", "x.y.z"), ("Authorization", $"Bearer {first}")), Is.EqualTo("token-malformed"));
        Assert.That(await GetAsync("/who", ("x-jwt", Elsewhere()), ("Authorization", $"Bearer {first[..^4]}")), Is.EqualTo("token-signature"));
        Assert.That(await GetAsync("/who?access_token=a.b.c", ("x-jwt", Elsewhere())), Is.EqualTo("token-malformed"));
    }

    [Test]
    public async Task SameTokenTwiceInOnePlace_IsRefused()
    {
        var token = Elsewhere();

        Assert.That(await GetAsync($"/who?access_token={token}&access_token={token}"), Is.EqualTo("token-malformed"));
        Assert.That(await GetAsync("/who", ("Cookie", $"session={token}; session={token}")), Is.EqualTo("token-malformed"));
        Assert.That(await GetAsync("/who", ("x-jwt", $"{token},{token}")), Is.EqualTo("token-malformed"));
    }

    [TestCase("session=", ExpectedResult = "nobody;;;;;;;session=")]
    [TestCase("sessions=x", ExpectedResult = "nobody;;;;;;;sessions=x")]
    [TestCase("session=\"garbage\"", ExpectedResult = "token-malformed")]
    public Task<string> Cookie_OfAnotherNameOrEmpty_IsNoToken(string cookie) => GetAsync("/who", ("Cookie", cookie));

    [Test]
    public async Task HeaderWithoutItsPrefix_IsNoToken() =>
        Assert.That(await GetAsync("/who", ("x-other", Elsewhere())), Does.StartWith("nobody;"));

    [Test]
    public async Task ClaimFields_OfTheCaller_AreRemoved()
    {
        (string, string)[] forged = [("X-User", "admin"), ("x-groups", "admins"), ("x-city", "Rome"), ("x-payload", "e30")];

        Assert.That(await GetAsync("/who", forged), Is.EqualTo("nobody;;;;;;;"));
        Assert.That(await GetAsync("/who", [.. forged, ("Authorization", $"Bearer {Forge.Rs256()}")]), Is.EqualTo("https://login.example/alice;alice;;;;;;"));
    }

    [Test]
    public async Task ClaimFields_HaveTextsListsAndNestedClaims()
    {
        var token = Forge.Rs256(static c => (c["groups"], c["address"]) = (new JsonArray("a", "b"), new JsonObject { ["city"] = "Oslo" }));

        Assert.That(await GetAsync("/who", ("Authorization", $"Bearer {token}")), Is.EqualTo("https://login.example/alice;alice;a,b;Oslo;;;;"));
    }

    [TestCase("line\r\nx-admin: 1")]
    [TestCase("caf\u00e9")]
    [TestCase("a,b")]
    public async Task ClaimField_WhoseValueFitsInNoField_IsLeftOut(string group)
    {
        var token = Forge.Rs256(c => c["groups"] = new JsonArray(group, "x"));

        Assert.That(await GetAsync("/who", ("Authorization", $"Bearer {token}")), Is.EqualTo("https://login.example/alice;alice;;;;;;"));
    }

    [Test]
    public async Task Preflight_IsNotAuthenticated()
    {
        (string, string)[] preflight = [("Authorization", "Bearer garbage"), ("Origin", "https://shop.example"), ("Access-Control-Request-Method", "PUT"), ("x-user", "admin")];

        Assert.That(await SendAsync(HttpMethod.Options, "/who", preflight), Is.EqualTo("nobody;;;;;;;"));
        Assert.That(await SendAsync(HttpMethod.Options, "/who", preflight[..2]), Is.EqualTo("token-malformed"));
        Assert.That(await SendAsync(HttpMethod.Put, "/who", preflight), Is.EqualTo("token-malformed"));
    }

    [Test]
    public async Task BoundToken_IsAcceptedFromTheOwnerOfItsCertificateOnly()
    {
        var owner = ServedApp.Authority.Issue("storefront");
        var thumbprint = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(owner.CertificateContext.TargetCertificate.RawData));
        var authorization = ("Authorization", $"Bearer {Forge.Es256(c => c["cnf"] = new JsonObject { ["x5t#S256"] = thumbprint })}");

        Assert.That(await SendAsync(HttpMethod.Get, "/who", [authorization], _app.Peer(owner)), Does.StartWith("https://login.example/alice;"));
        Assert.That(await SendAsync(HttpMethod.Get, "/who", [authorization], _app.Peer(ServedApp.Authority.Issue("storefront"))), Is.EqualTo("token-binding"));
        Assert.That(await SendAsync(HttpMethod.Get, "/who", [authorization], _app.Anonymous()), Is.EqualTo("token-binding"));
        Assert.That(await SendAsync(HttpMethod.Get, "/who", [authorization], _app.Peer(owner)), Does.StartWith("https://login.example/alice;"));
    }

    [Test]
    public async Task TokenThatIsBoundToMore_IsRefusedFromTheOwnerOfTheCertificateToo()
    {
        var owner = ServedApp.Authority.Issue("storefront");
        var thumbprint = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(owner.CertificateContext.TargetCertificate.RawData));
        var token = Forge.Es256(c => c["cnf"] = new JsonObject { ["x5t#S256"] = thumbprint, ["jkt"] = thumbprint });

        Assert.That(await SendAsync(HttpMethod.Get, "/who", [("Authorization", $"Bearer {token}")], _app.Peer(owner)), Is.EqualTo("token-binding"));
    }

    [Test]
    public async Task TokenForAnybody_WhereBindingIsRequired_IsRefused()
    {
        await using var app = await ServedApp.StartAsync(
            static app => app.MapGet("/who", static () => "served"),
            [
                ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
                ("Authentication:Jwt:0:Jwks", Forge.Jwks),
                ("Authentication:Jwt:0:RequireCertificateBinding", "true"),
            ]);

        Assert.That(await SendAsync(HttpMethod.Get, "/who", [("Authorization", $"Bearer {Forge.Es256()}")], app.Peer()), Is.EqualTo("token-binding"));
    }

    private static string Elsewhere() => Other.Rs256(static c => c["aud"] = "elsewhere");

    private Task<string> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers);

    private async Task<string> SendAsync(HttpMethod method, string path, (string Name, string Value)[] headers, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await (client ?? _app.Plaintext()).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.StatusCode == HttpStatusCode.Unauthorized ? JsonNode.Parse(text)!["type"]!.GetValue<string>()["urn:mesh:problem:".Length..] : text;
    }
}
