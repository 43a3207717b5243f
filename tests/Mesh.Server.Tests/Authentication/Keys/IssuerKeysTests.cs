using System.Collections.Frozen;
using System.Net;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Keys;
using Mesh.Server.Authentication.Places;
using Mesh.Server.Tests.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.Authentication.Keys;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class IssuerKeysTests : IDisposable
{
    private static readonly TokenForge Forge = new();
    private static readonly TokenForge Next = new("2");

    private readonly IssuerStub _issuer = new();
    private readonly LogRecorder _log = new();
    private FakeTimeProvider _time = null!;
    private IssuerKeys _keys = null!;
    private TokenSource _source = null!;

    [SetUp]
    public void SetUp()
    {
        _issuer.Jwks = Forge.Jwks;
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Use(new KeyLocation(TokenForge.Issuer, "https://login.example/jwks", null));
    }

    public void Dispose()
    {
        _issuer.Dispose();
        _log.Dispose();
    }

    [Test]
    public async Task FirstTokens_AtOnce_ShareOneFetch()
    {
        var gate = new TaskCompletionSource();
        _issuer.Gate = gate.Task;
        var answers = Enumerable.Range(0, 20).Select(_ => ReasonAsync(Forge.Rs256())).ToArray();

        gate.SetResult();

        Assert.That(await Task.WhenAll(answers), Is.All.EqualTo("accepted"));
        Assert.That(_issuer.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task UnknownKeyFlood_CausesOneFetchPerCooldown()
    {
        await ReasonAsync(Forge.Rs256());
        for (var cooldown = 1; cooldown <= 3; cooldown++)
        {
            var reasons = await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i => ReasonAsync(MadeUp($"made-up-{i}"))));

            Assert.That(reasons, Is.All.EqualTo("token-unknown-key"));
            Assert.That(_issuer.Requests, Is.EqualTo(1 + cooldown));
            _time.Advance(IssuerKeys.UnknownKeyCooldown);
        }
    }

    [Test]
    public async Task Rollover_TokenOfTheNewKey_IsAcceptedAtOnce()
    {
        await ReasonAsync(Forge.Rs256());

        _issuer.Jwks = Next.Jwks;

        Assert.That(await ReasonAsync(Next.Rs256(header: h => h["kid"] = "rsa-2")), Is.EqualTo("accepted"));
    }

    [Test]
    public async Task Rollover_TokenOfTheWithdrawnKey_IsForgottenByTheCache()
    {
        var token = Forge.Rs256();
        await ReasonAsync(token);
        _issuer.Jwks = Next.Jwks;

        await ReasonAsync(Next.Rs256(header: h => h["kid"] = "rsa-2"));

        Assert.That(await ReasonAsync(token), Is.EqualTo("token-unknown-key"));
    }

    [Test]
    public async Task Outage_LastKnownKeysStay_AndTheLogSaysItOnce()
    {
        await ReasonAsync(Forge.Rs256());
        _issuer.Status = HttpStatusCode.InternalServerError;
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(IssuerKeys.MaxAge);
            Assert.That(await ReasonAsync(Forge.Rs256(Later)), Is.EqualTo("accepted"));
            await ReasonAsync(Forge.Rs256(Later, h => h["kid"] = $"unknown-{i}"));
        }

        Assert.That(_issuer.Requests, Is.GreaterThan(5));
        Assert.That(_log.At(LogLevel.Warning).ToArray(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task OutageFromTheStart_IsNotTheTokensFault_AndEndsSoonAfter()
    {
        _issuer.Status = HttpStatusCode.InternalServerError;
        Assert.That(await ReasonAsync(Forge.Rs256()), Is.EqualTo("token-keys-unavailable"));
        Assert.That(await ReasonAsync(Forge.Rs256()), Is.EqualTo("token-keys-unavailable"));
        Assert.That(_issuer.Requests, Is.EqualTo(1));

        _issuer.Status = HttpStatusCode.OK;
        _time.Advance(IssuerKeys.RetryDelay);

        Assert.That(await ReasonAsync(Forge.Rs256()), Is.EqualTo("accepted"));
    }

    [Test]
    public async Task SilentIssuer_IsGivenUp()
    {
        _issuer.Gate = new TaskCompletionSource().Task;
        var answer = ReasonAsync(Forge.Rs256());
        while (!answer.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.That(await answer, Is.EqualTo("token-keys-unavailable"));
    }

    [Test]
    public async Task OldKeys_AreFetchedAgainInTheBackground()
    {
        await ReasonAsync(Forge.Rs256());
        _issuer.Gate = new TaskCompletionSource().Task;
        _time.Advance(IssuerKeys.MaxAge);

        // The issuer does not answer, and nobody waits for it.
        Assert.That(await ReasonAsync(Forge.Rs256(Later)), Is.EqualTo("accepted"));
        Assert.That(() => _issuer.Requests, Is.EqualTo(2).After(5000, 5));
    }

    [TestCase("{}")]
    [TestCase("{\"keys\":[]}")]
    [TestCase("not json")]
    [TestCase("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"rsa-1\",\"k\":\"c2VjcmV0\"}]}")]
    [TestCase("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"weak\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}")]
    public async Task UselessKeySet_DoesNotReplaceTheKeys(string jwks)
    {
        await ReasonAsync(Forge.Rs256());
        _issuer.Jwks = jwks;
        await ReasonAsync(Forge.Rs256(header: h => h["kid"] = "unknown"));

        Assert.That(_issuer.Requests, Is.EqualTo(2));
        Assert.That(await ReasonAsync(Forge.Es256()), Is.EqualTo("accepted"));
    }

    [Test]
    public async Task InlineKeys_AreNeverFetched()
    {
        Use(new KeyLocation(TokenForge.Issuer, null, Forge.Jwks));

        Assert.That(await ReasonAsync(Forge.Rs256()), Is.EqualTo("accepted"));
        Assert.That(await ReasonAsync(Forge.Rs256(header: h => h["kid"] = "x")), Is.EqualTo("token-unknown-key"));
        Assert.That(_issuer.Requests, Is.Zero);
    }

    [TestCase("https://login.example", "https://login.example/keys", ExpectedResult = "accepted")]
    [TestCase("https://other.example", "https://login.example/keys", ExpectedResult = "token-keys-unavailable")]
    [TestCase("https://login.example", "http://login.example/keys", ExpectedResult = "token-keys-unavailable")]
    [TestCase("https://login.example", "file:///etc/keys", ExpectedResult = "token-keys-unavailable")]
    public async Task<string> Discovery_DocumentOfTheIssuer_NamesTheKeys(string issuer, string keys)
    {
        using var discovery = new DiscoveryStub($$"""{"issuer":"{{issuer}}","jwks_uri":"{{keys}}"}""", Forge.Jwks);
        Use(new KeyLocation(TokenForge.Issuer, null, null), discovery);

        return await ReasonAsync(Forge.Rs256());
    }

    [Test]
    public async Task CachedToken_IsRefusedFromItsExpiryOn()
    {
        var token = Forge.Rs256(c => c["exp"] = _time.GetUtcNow().AddSeconds(10).ToUnixTimeSeconds());
        await ReasonAsync(token);
        _time.Advance(TimeSpan.FromSeconds(71));

        Assert.That(await ReasonAsync(token), Is.EqualTo("token-expired"));
    }

    // A signature would not be looked at.
    private static string MadeUp(string keyId) => $"{TokenForge.Join(Forge.Header(header => header["kid"] = keyId).ToJsonString(), TokenForge.Claims().ToJsonString())}.AAAA";

    private void Later(System.Text.Json.Nodes.JsonObject claims) => claims["exp"] = _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();

    private void Use(KeyLocation location, HttpMessageHandler? handler = null)
    {
        _keys = new IssuerKeys(location, new JwksFetcher(new ClientFactoryStub(handler ?? _issuer)), _time, _log);
        var issuer = new JwtIssuer(TokenForge.Issuer, [TokenForge.Audience], TimeSpan.FromSeconds(60), _keys);
        _source = new TokenSource(TokenLocation.Bearer, new Dictionary<string, JwtIssuer> { [TokenForge.Issuer] = issuer }.ToFrozenDictionary(), null, _time, _log);
    }

    private async Task<string> ReasonAsync(string token)
    {
        var result = await _source.CheckAsync(token.AsMemory(), CancellationToken.None);
        return result.Problem?.Reason ?? (result.Token is null ? "none" : "accepted");
    }

    private sealed class DiscoveryStub(string document, string keys) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage
            {
                Content = new StringContent(request.RequestUri!.AbsolutePath == "/.well-known/openid-configuration" ? document : keys),
            });
    }
}
