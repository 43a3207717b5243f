using System.Net;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Mesh.ApiKeys;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.Authentication.ApiKeys;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ApiKeyAuthenticationTests
{
    private const string Section = "Authentication:ApiKeys";

    private static readonly TokenForge Forge = new();
    private static readonly string Secret = ApiKeySecret.Generate();
    private static readonly string OldSecret = ApiKeySecret.Generate();
    private static readonly string Acme = ApiKey.Generate();
    private static readonly string AcmeNext = ApiKey.Generate();
    private static readonly string Globex = ApiKey.Generate();
    private static readonly string Gone = ApiKey.Generate();

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly StoreStub _store = new();
    private ServedApp _app = null!;

    [SetUp]
    public async Task StartAsync() => _app = await StartAsync([]);

    [TearDown]
    public async Task StopAsync() => await _app.DisposeAsync();

    [Test]
    public async Task Key_OfAConsumer_SaysWho()
    {
        Assert.That(await GetAsync("/who", Acme), Is.EqualTo("acme;api-key/acme;acme;main;all,read"));
        Assert.That(await GetAsync("/who", AcmeNext), Is.EqualTo($"acme;api-key/acme;acme;{HashOf(AcmeNext)[..8]};all"));
        Assert.That(await GetAsync("/who", Globex), Is.EqualTo("globex;api-key/globex;globex;old;"));
        Assert.That(await GetAsync("/who", null), Is.EqualTo(";;;;"));
    }

    [Test]
    public async Task Key_ThatIsWrong_IsRefusedWithItsReason()
    {
        Assert.That(await GetAsync("/who", ApiKey.Generate()), Is.EqualTo("401 api-key-unknown"));
        Assert.That(await GetAsync("/who", Gone), Is.EqualTo("401 api-key-expired"));
        Assert.That(await GetAsync("/who", $"{Acme[..^1]}{(Acme[^1] == 'a' ? 'b' : 'a')}"), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync("/who", ApiKey.Generate("shop")), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync("/who", Acme.ToUpperInvariant()), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync("/who", new string('a', 5000)), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync("/who", $"{Acme}, {Acme}"), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync("/who", HashOf(Acme)), Is.EqualTo("401 api-key-malformed"));
    }

    [Test]
    public async Task Key_FromItsExpiryOn_IsRefused()
    {
        _app.Reconfigure(($"{Section}:Consumers:acme:Keys:0:ExpiresAt", $"{_time.GetUtcNow().AddMinutes(1):yyyy-MM-ddTHH:mm:ssZ}"));
        await UntilAsync(() => GetAsync("/who", Acme), "acme;api-key/acme;acme;main;all,read");
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await GetAsync("/who", Acme), Is.EqualTo("401 api-key-expired"));
    }

    [Test]
    public async Task Key_WithdrawnByAReload_IsRefused()
    {
        _app.Reconfigure(($"{Section}:Consumers:acme:Keys:0:Hash", HashOf(ApiKey.Generate())));

        await UntilAsync(() => GetAsync("/who", Acme), "401 api-key-unknown");
        Assert.That(await GetAsync("/who", AcmeNext), Does.StartWith("acme;"));
    }

    [Test]
    public async Task Key_InTheQuery_IsOnlyTakenWhereAllowed()
    {
        Assert.That(await GetAsync($"/who?key={Acme}", null), Is.EqualTo(";;;;"));
        _app.Reconfigure(($"{Section}:QueryParameter", "key"));

        await UntilAsync(() => GetAsync($"/who?key={Acme}", null), "acme;api-key/acme;acme;main;all,read");
        Assert.That(await GetAsync($"/who?key={Acme}", Acme), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync($"/who?key={Acme}&key={Acme}", null), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync($"/seen?key={Acme}&a=1", null), Is.EqualTo("?a=1;"));
    }

    [Test]
    public async Task Key_IsNotGivenToTheApplication()
    {
        Assert.That(await GetAsync("/seen", Acme), Is.EqualTo(";"));
        _app.Reconfigure(($"{Section}:ForwardKey", "true"));

        await UntilAsync(() => GetAsync("/seen", Acme), $";{Acme}");
    }

    [Test]
    public async Task Key_IsInNoLogAndNoAnswer()
    {
        var unknown = ApiKey.Generate();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who") { Headers = { { "X-Api-Key", unknown } } };
        using var response = await _app.Plaintext().SendAsync(request);
        await GetAsync("/who", Acme);

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain(unknown));
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("ApiKey"));
        Assert.That(_app.Log.Entries.Select(static entry => entry.Message), Has.None.Contains(unknown).And.None.Contains(Acme).And.None.Contains(Secret));
    }

    [Test]
    public async Task KeyOfAnotherSystem_WhereAllowed_IsFound()
    {
        const string Old = "AKIA-0123456789-abcdef!";
        Assert.That(await GetAsync("/who", Old), Is.EqualTo("401 api-key-malformed"));
        _app.Reconfigure(($"{Section}:AcceptOtherFormats", "true"), ($"{Section}:Consumers:globex:Keys:1:Hash", HashOf(Old)), ($"{Section}:Consumers:globex:Keys:1:Id", "k"));

        await UntilAsync(() => GetAsync("/who", Old), "globex;api-key/globex;globex;k;");
        Assert.That(await GetAsync("/who", "too-short"), Is.EqualTo("401 api-key-malformed"));
        Assert.That(await GetAsync("/who", "long enough, with spaces"), Is.EqualTo("401 api-key-malformed"));
    }

    [Test]
    public async Task KeyOfTheStore_IsFound()
    {
        var key = ApiKey.Generate();
        var record = new ApiKeyRecord("initech", "1") { Scopes = ["read"], ExpiresAt = _time.GetUtcNow().AddHours(1) };
        _store.Find = hash => hash.ToString() == HashOf(key) ? record : null;

        Assert.That(await GetAsync("/who", key), Is.EqualTo("initech;api-key/initech;initech;1;read"));
        Assert.That(await GetAsync("/who", ApiKey.Generate()), Is.EqualTo("401 api-key-unknown"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(await GetAsync("/who", key), Is.EqualTo("401 api-key-expired"));
    }

    [Test]
    public async Task StoreThatThrows_LetsNobodyIn()
    {
        _store.Find = static _ => throw new TimeoutException("no database");

        Assert.That(await GetAsync("/who", ApiKey.Generate()), Is.EqualTo("503 api-key-store-unavailable"));
        Assert.That(await GetAsync("/who", Acme), Does.StartWith("acme;"));
    }

    [Test]
    public async Task AspNet_SchemesPoliciesAndChallenge_Work()
    {
        Assert.That(await GetAsync("/scoped", Acme), Is.EqualTo("scoped"));
        Assert.That(await GetAsync("/scoped", Globex), Is.EqualTo("403 access-denied"));
        Assert.That(await GetAsync("/scoped", null), Is.EqualTo("401 token-required"));
        Assert.That(await GetAsync("/keys-only", Acme), Is.EqualTo("acme"));
        Assert.That(await GetAsync("/keys-only", null, Forge.Es256()), Is.EqualTo("401 token-required"));
        Assert.That(await GetAsync("/tokens-only", Acme), Is.EqualTo("401 token-required"));
        Assert.That(await GetAsync("/tokens-only", null, Forge.Es256()), Is.EqualTo("alice"));
    }

    [Test]
    public async Task TokenBesideTheKey_IsThePrincipal_AndBothMustBeValid()
    {
        Assert.That(await GetAsync("/who", Acme, Forge.Es256(static c => c["scope"] = "a b")), Is.EqualTo("acme;https://login.example/alice;alice;main;a,b,all,read"));
        Assert.That(await GetAsync("/who", Acme, "x.y.z"), Is.EqualTo("401 token-malformed"));
        Assert.That(await GetAsync("/who", ApiKey.Generate(), Forge.Es256()), Is.EqualTo("401 api-key-unknown"));
    }

    [Test]
    public async Task TokenThatNamesAConsumer_IsNotBelieved()
    {
        var token = Forge.Es256(static c => (c["mesh:consumer"], c["mesh:key"]) = ("acme", "main"));

        Assert.That(await GetAsync("/who", null, token), Is.EqualTo(";https://login.example/alice;alice;;"));
    }

    [Test]
    public async Task Documents_KnowConsumerAndScopes()
    {
        await using var app = await StartAsync(
        [
            ("Authorization:acme:Rules:0:From:0:RequestPrincipals:0", "api-key/acme"),
            ("Authorization:acme:Rules:0:When:0:Key", "request.auth.claims[scope]"),
            ("Authorization:acme:Rules:0:When:0:Values:0", "read"),
        ]);

        Assert.That(await GetAsync("/who", Acme, app: app), Does.StartWith("acme;"));
        Assert.That(await GetAsync("/who", AcmeNext, app: app), Is.EqualTo("403 access-denied"));
        Assert.That(await GetAsync("/who", Globex, app: app), Is.EqualTo("403 access-denied"));
        Assert.That(await GetAsync("/who", null, app: app), Is.EqualTo("401 token-required"));
    }

    [Test]
    public async Task KeysWithoutTokens_AreAskedForByTheirOwnName()
    {
        await using var app = await ServedApp.StartAsync(
            static app => app.MapGet("/who", [Authorize] static () => "who"),
            [("PeerAuthentication", "Permissive"), ($"{Section}:Secrets:0", Secret)]);
        using var response = await app.Plaintext().GetAsync("/who");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Unauthorized, "api-key-required");
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("ApiKey"));
    }

    [TestCase("Secrets:0", "c2hvcnQ=", "Secrets:0: it is not base64 of at least 32 bytes")]
    [TestCase("Header", "Authorization", "Header: found 'Authorization'")]
    [TestCase("Prefix", "a-b", "Prefix: found 'a-b'")]
    [TestCase("Consumers:a/b:Scopes:0", "x", "Consumers:a/b: found 'a/b'")]
    [TestCase("Consumers:acme:Keys:0:ExpiresAt", "soon", "Keys:0:ExpiresAt: found 'soon'")]
    [TestCase("Consumers:acme:Keys:0:Hash", "mesh_secret", "Keys:0:Hash: it is not the hash of a key")]
    public void Configuration_ThatIsWrong_IsRefusedAtStart(string key, string value, string message)
    {
        var (app, log) = ServedApp.Build(static _ => { }, key == "Secrets:0" ? [($"{Section}:{key}", value)] : [($"{Section}:Secrets:0", Secret), ($"{Section}:{key}", value)]);
        using (log)
        {
            Assert.That(
                async () => await app.StartAsync(),
                Throws.Exception.Message.Contains(message).And.Message.Not.Contains("mesh_secret").And.Message.Not.Contains("c2hvcnQ="));
        }
    }

    private static string HashOf(string key, string? secret = null) => ApiKeyHash.Of(key, Convert.FromBase64String(secret ?? Secret)).ToString();

    // The reload of a configuration is noticed by another thread.
    private static async Task UntilAsync(Func<Task<string>> ask, string expected)
    {
        for (var i = 0; i < 500 && await ask() != expected; i++)
        {
            await Task.Delay(10);
        }

        Assert.That(await ask(), Is.EqualTo(expected));
    }

    private Task<ServedApp> StartAsync(IEnumerable<(string, string?)> more) => ServedApp.StartAsync(
        static app =>
        {
            app.MapGet("/who", static (HttpContext http) =>
                $"{http.Features.Get<MeshRequest>()!.Consumer};{http.Features.Get<MeshRequest>()!.RequestPrincipal};{http.User.Identity?.Name};"
                + $"{http.User.FindFirstValue(MeshAuthenticationDefaults.KeyClaim)};{string.Join(',', http.User.FindAll("scope").Select(static claim => claim.Value))}");
            app.MapGet("/seen", static (HttpContext http) => $"{http.Request.QueryString};{http.Request.Headers["X-Api-Key"]}");
            app.MapGet("/scoped", static () => "scoped").RequireAuthorization(static policy => policy.RequireClaim("scope", "read"));
            app.MapGet("/keys-only", [Authorize(AuthenticationSchemes = MeshAuthenticationDefaults.ApiKeyAuthenticationType)] static (HttpContext http) => http.User.Identity!.Name);
            app.MapGet("/tokens-only", [Authorize(AuthenticationSchemes = MeshAuthenticationDefaults.TokenAuthenticationType)] static (HttpContext http) => http.User.Identity!.Name);
        },
        [
            ("PeerAuthentication", "Disabled"),
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks),
            ($"{Section}:Secrets:0", Secret),
            ($"{Section}:Secrets:1", OldSecret),
            ($"{Section}:Consumers:acme:Scopes:0", "all"),
            ($"{Section}:Consumers:acme:Keys:0:Id", "main"),
            ($"{Section}:Consumers:acme:Keys:0:Hash", HashOf(Acme)),
            ($"{Section}:Consumers:acme:Keys:0:Scopes:0", "read"),
            ($"{Section}:Consumers:acme:Keys:1:Hash", HashOf(AcmeNext)),
            ($"{Section}:Consumers:acme:Keys:1:ExpiresAt", "2099-01-01"),
            ($"{Section}:Consumers:globex:Keys:0:Id", "old"),
            ($"{Section}:Consumers:globex:Keys:0:Hash", HashOf(Globex, OldSecret)),
            ($"{Section}:Consumers:globex:Keys:2:Hash", HashOf(Gone)),
            ($"{Section}:Consumers:globex:Keys:2:ExpiresAt", "2020-01-01T00:00:00Z"),
            .. more,
        ],
        builder => builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<IApiKeyStore>(_store));

    private async Task<string> GetAsync(string path, string? key, string? token = null, ServedApp? app = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Api-Key", key);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        using var response = await (app ?? _app).Plaintext().SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : $"{(int)response.StatusCode} {JsonNode.Parse(text)!["type"]!.GetValue<string>()["urn:mesh:problem:".Length..]}";
    }

    private sealed class StoreStub : IApiKeyStore
    {
        public Func<ApiKeyHash, ApiKeyRecord?> Find { get; set; } = static _ => null;

        public ValueTask<ApiKeyRecord?> FindAsync(ApiKeyHash hash, CancellationToken cancellationToken) => new(Find(hash));
    }
}
