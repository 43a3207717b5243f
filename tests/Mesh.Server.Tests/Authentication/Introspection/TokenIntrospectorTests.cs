using System.Net;
using System.Text;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.Authentication.Introspection;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TokenIntrospectorTests : IDisposable
{
    private readonly IntrospectionEndpointStub _endpoint = new();
    private readonly LogRecorder _log = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly IntrospectionOptions _options = new()
    {
        Endpoint = "https://login.example/introspect",
        Issuer = "https://login.example",
        ClientId = "orders",
        ClientSecret = "s3cr:t é",
    };

    private TokenIntrospector? _introspector;

    private TokenIntrospector Introspector => _introspector ??= new TokenIntrospector(_options, new IntrospectionClient(new ClientFactoryStub(_endpoint)), _time, _log);

    public void Dispose()
    {
        _endpoint.Dispose();
        _log.Dispose();
    }

    [Test]
    public async Task ActiveToken_IsAskedAboutOnce_UntilTheAnswerIsOld()
    {
        Assert.That(await AskAsync("t"), Is.EqualTo("https://login.example/alice"));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.That(await AskAsync("t"), Is.EqualTo("https://login.example/alice"));
        Assert.That(_endpoint.Requests, Is.EqualTo(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        _endpoint.Answer = """{"active":false}""";
        Assert.That(await AskAsync("t"), Is.EqualTo("token-inactive"));
    }

    [Test]
    public async Task ActiveToken_IsNeverBelievedBeyondItsExpiry()
    {
        _endpoint.Answer = $$"""{"active":true,"sub":"alice","exp":{{_time.GetUtcNow().AddSeconds(10).ToUnixTimeSeconds()}}}""";
        Assert.That(await AskAsync("t"), Is.EqualTo("https://login.example/alice"));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(await AskAsync("t"), Is.EqualTo("token-expired"));
        Assert.That(_endpoint.Requests, Is.EqualTo(2));
    }

    [Test]
    public async Task RefusedToken_IsAskedAboutAgainAfterAShortTime()
    {
        _endpoint.Answer = """{"active":false}""";
        await AskAsync("t");
        Assert.That(await AskAsync("t"), Is.EqualTo("token-inactive"));
        Assert.That(_endpoint.Requests, Is.EqualTo(1));

        _time.Advance(TokenIntrospector.RefusalDuration);
        _endpoint.Answer = """{"active":true,"sub":"alice"}""";
        Assert.That(await AskAsync("t"), Is.EqualTo("https://login.example/alice"));
    }

    [Test]
    public async Task SameTokenAtOnce_IsAskedAboutOnce()
    {
        var gate = new TaskCompletionSource();
        _endpoint.Gate = gate.Task;
        var asked = Enumerable.Range(0, 100).Select(_ => AskAsync("t")).ToArray();
        gate.SetResult();

        Assert.That(await Task.WhenAll(asked), Has.All.EqualTo("https://login.example/alice"));
        Assert.That(_endpoint.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task MadeUpTokensAtOnce_AreAskedAboutSoManyAtATime()
    {
        var gate = new TaskCompletionSource();
        _endpoint.Gate = gate.Task;
        var asked = Enumerable.Range(0, 1000).Select(i => AskAsync($"t{i}")).ToArray();
        await UntilAsync(() => _endpoint.Requests == TokenIntrospector.MaxQuestions);
        gate.SetResult();
        await Task.WhenAll(asked);

        Assert.That((_endpoint.MostAtOnce, _endpoint.Requests), Is.EqualTo((TokenIntrospector.MaxQuestions, 1000)));
    }

    [Test]
    public async Task CallerThatLeaves_TakesTheQuestionOfTheOthersNotAlong()
    {
        var gate = new TaskCompletionSource();
        _endpoint.Gate = gate.Task;
        using var leaves = new CancellationTokenSource();
        var first = AskAsync("t", leaves.Token);
        var second = AskAsync("t");
        await leaves.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        gate.SetResult();

        Assert.That(await second, Is.EqualTo("https://login.example/alice"));
    }

    [Test]
    public async Task SilentEndpoint_IsGivenUp_AndTheLogSaysItOnce()
    {
        _endpoint.Gate = new TaskCompletionSource().Task;
        for (var i = 0; i < 2; i++)
        {
            var asked = AskAsync($"t{i}");
            await UntilAsync(() => _endpoint.Requests == i + 1);
            _time.Advance(_options.Timeout);
            Assert.That(await asked, Is.EqualTo("token-introspection-unavailable"));
        }

        Assert.That(_log.Entries.Count(static entry => entry.Message.Contains("cannot be asked", StringComparison.Ordinal)), Is.EqualTo(1));
        _endpoint.Gate = Task.CompletedTask;
        Assert.That(await AskAsync("t0"), Is.EqualTo("https://login.example/alice"));
    }

    [TestCase("", HttpStatusCode.OK)]
    [TestCase("not json", HttpStatusCode.OK)]
    [TestCase("[]", HttpStatusCode.OK)]
    [TestCase("{}", HttpStatusCode.OK)]
    [TestCase("""{"active":"true"}""", HttpStatusCode.OK)]
    [TestCase("""{"active":1}""", HttpStatusCode.OK)]
    [TestCase("""{"active":false,"active":true}""", HttpStatusCode.OK)]
    [TestCase("""{"active":true,"sub":["alice"]}""", HttpStatusCode.OK)]
    [TestCase("""{"active":true,"exp":"never"}""", HttpStatusCode.OK)]
    [TestCase("""{"active":true,"name":"\ud800"}""", HttpStatusCode.OK)]
    [TestCase("""{"active":true,"sub":"alice"}""", HttpStatusCode.Unauthorized)]
    [TestCase("""{"active":true,"sub":"alice"}""", HttpStatusCode.Found)]
    [TestCase("""{"active":true,"sub":"alice"}""", HttpStatusCode.InternalServerError)]
    public async Task AnswerThatIsNone_LetsNobodyIn(string answer, HttpStatusCode status)
    {
        (_endpoint.Answer, _endpoint.Status) = (answer, status);

        Assert.That(await AskAsync("t"), Is.EqualTo("token-introspection-unavailable"));
    }

    [TestCase("""{"active":true,"sub":"alice","iss":"https://login.example"}""", ExpectedResult = "https://login.example/alice")]
    [TestCase("""{"active":true,"sub":"alice","iss":"https://evil.example"}""", ExpectedResult = "token-issuer")]
    [TestCase("""{"active":true,"sub":"alice","exp":1}""", ExpectedResult = "token-expired")]
    [TestCase("""{"active":true,"sub":"alice","nbf":99999999999}""", ExpectedResult = "token-not-yet-valid")]
    [TestCase("""{"active":true,"sub":"alice","cnf":{"jkt":"x"}}""", ExpectedResult = "token-binding")]
    [TestCase("""{"active":true}""", ExpectedResult = "nobody")]
    public Task<string> Answer_IsReadAsStrictlyAsAToken(string answer)
    {
        _endpoint.Answer = answer;
        return AskAsync("t");
    }

    [TestCase("""{"active":true,"sub":"alice","aud":"shop"}""", ExpectedResult = "https://login.example/alice")]
    [TestCase("""{"active":true,"sub":"alice","aud":["bank","shop"]}""", ExpectedResult = "https://login.example/alice")]
    [TestCase("""{"active":true,"sub":"alice","aud":"bank"}""", ExpectedResult = "token-audience")]
    [TestCase("""{"active":true,"sub":"alice","aud":[1]}""", ExpectedResult = "token-audience")]
    [TestCase("""{"active":true,"sub":"alice"}""", ExpectedResult = "token-audience")]
    public Task<string> Audience_WhereRequired_IsChecked(string answer)
    {
        _options.Audiences = ["shop"];
        return Answer_IsReadAsStrictlyAsAToken(answer);
    }

    [Test]
    public async Task Claims_AreThoseOfTheAnswer_WithoutWhatOnlyTheMeshSays()
    {
        _endpoint.Answer = """{"active":true,"sub":"alice","scope":"read write","roles":["admin","dev"],"level":3,"mesh:peer":"spiffe://a/b","address":{"city":"Oslo"},"none":null}""";
        var result = await Introspector.AskAsync("t".AsMemory(), HashOf("t"), CancellationToken.None);
        var identity = result.Token!.CreateIdentity();

        Assert.That(
            identity.Claims.Select(static claim => $"{claim.Type}={claim.Value}"),
            Is.EquivalentTo(["sub=alice", "scope=read", "scope=write", "roles=admin", "roles=dev", "level=3", "address={\"city\":\"Oslo\"}"]));
        Assert.That((identity.Name, identity.IsAuthenticated, identity.RoleClaimType), Is.EqualTo(("alice", true, "roles")));
        Assert.That(result.Token.Claims.Find("address", "city").ToArray(), Is.EqualTo(["Oslo"]));
    }

    [TestCase(ClientAuthentication.Basic, "Basic b3JkZXJzOnMzY3IlM0F0JTIwJUMzJUE5", "token=t%2B%2F&token_type_hint=access_token")]
    [TestCase(ClientAuthentication.Post, "", "token=t%2B%2F&token_type_hint=access_token&client_id=orders&client_secret=s3cr%3At+%C3%A9")]
    [TestCase(ClientAuthentication.None, "", "token=t%2B%2F&token_type_hint=access_token")]
    public async Task Question_SaysWhoAsks(ClientAuthentication method, string authorization, string body)
    {
        _options.ClientAuthentication = method;
        await AskAsync("t+/");

        Assert.That(_endpoint.Received.Single(), Is.EqualTo((authorization, body)));
    }

    [TestCase("a b")]
    [TestCase("a\u0001")]
    public async Task TextThatIsNoToken_IsAskedAboutNobody(string token)
    {
        Assert.That(await AskAsync(token), Is.EqualTo("token-malformed"));
        Assert.That(_endpoint.Requests, Is.Zero);
    }

    [Test]
    public async Task Failure_IsLoggedWithoutTokenAndSecret()
    {
        _endpoint.Status = HttpStatusCode.Unauthorized;
        await AskAsync("opaque-token-1");

        Assert.That(_log.Entries.Select(static entry => entry.Message), Has.None.Contains("opaque-token-1").And.None.Contains("s3cr").And.Some.Contains("answered 401"));
    }

    private static TokenHash HashOf(string token) => TokenHash.TryOf(token, out var hash) ? hash : throw new InvalidOperationException();

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 2000 && !condition(); i++)
        {
            await Task.Delay(5);
        }

        Assert.That(condition(), Is.True);
    }

    private async Task<string> AskAsync(string token, CancellationToken cancellationToken = default)
    {
        var result = await Introspector.AskAsync(token.AsMemory(), HashOf(token), cancellationToken);
        return result.Problem?.Reason ?? result.Token!.Principal ?? "nobody";
    }
}
