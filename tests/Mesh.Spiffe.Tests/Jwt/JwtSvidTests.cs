using System.Text;
using Grpc.Core;
using Mesh.Identity;
using Mesh.Spiffe.Tests.Agent;

namespace Mesh.Spiffe.Tests.Jwt;

public sealed class JwtSvidTests
{
    private const string Orders = "spiffe://shop.example/ns/shop/sa/orders";

    private TestAgent _agent = null!;

    [SetUp]
    public async Task StartAgent()
    {
        _agent = await TestAgent.StartAsync();
        using var authority = TestSvid.Authority();
        _agent.Say(new TestSvid(authority).Response("orders"));
        _agent.Jwt = static request => Answer(Token(Orders, request.Audience[0], TimeSpan.FromMinutes(5)));
    }

    [TearDown]
    public async Task StopAgent() => await _agent.DisposeAsync();

    [Test]
    public async Task Get_SameAudienceAgain_IsFetchedOnce()
    {
        await using var workload = await Workload.StartAsync(_agent.Address);

        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => workload.Jwt.GetAsync("billing").AsTask()));
        var other = await workload.Jwt.GetAsync("mail");

        Assert.That(tokens.Select(static svid => svid.Token).Distinct().Count(), Is.EqualTo(1));
        Assert.That((tokens[0].Id.ToString(), _agent.JwtCalls), Is.EqualTo((Orders, 2)));
        Assert.That(other.Token, Is.Not.EqualTo(tokens[0].Token));
        Assert.That(tokens[0].ToString(), Does.Not.Contain(tokens[0].Token).And.Contain(Orders));
    }

    [Test]
    public async Task Get_HalfOfTheLifeIsOver_IsFetchedAnewAndKeptWhileTheAgentIsAway()
    {
        _agent.Jwt = static request => Answer(Token(Orders, request.Audience[0], TimeSpan.FromSeconds(4)));
        await using var workload = await Workload.StartAsync(_agent.Address);
        var first = await workload.Jwt.GetAsync("billing");
        Assert.That((await workload.Jwt.GetAsync("billing")).Token, Is.EqualTo(first.Token));

        await Task.Delay(2200);
        _agent.Refusal = new Status(StatusCode.Unavailable, "restarting");
        Assert.That((await workload.Jwt.GetAsync("billing")).Token, Is.EqualTo(first.Token), "while it is valid");
        _agent.Refusal = null;

        Assert.That((await workload.Jwt.GetAsync("billing")).Token, Is.Not.EqualTo(first.Token));
    }

    [Test]
    public async Task Get_AgentRefuses_SaysWhy()
    {
        await using var workload = await Workload.StartAsync(_agent.Address);
        _agent.Refusal = new Status(StatusCode.PermissionDenied, "");

        Assert.That(async () => await workload.Jwt.GetAsync("billing"), Throws.TypeOf<MeshIdentityException>().With.Message.Contains("gives no JWT-SVID for 'billing': it knows no identity"));
    }

    [TestCase("", "no JSON Web Token")]
    [TestCase("a.b.c", "no JSON Web Token")]
    [TestCase("other", "its subject is not the SPIFFE ID")]
    [TestCase("expired", "it has expired")]
    [TestCase("long", "too long")]
    public async Task Get_Garbage_IsRefusedWithoutShowingIt(string kind, string reason)
    {
        _agent.Jwt = request => Answer(kind switch
        {
            "other" => Token("spiffe://shop.example/admin", request.Audience[0], TimeSpan.FromMinutes(5)),
            "expired" => Token(Orders, request.Audience[0], TimeSpan.FromMinutes(-5)),
            "long" => new string('a', 20_000),
            var token => token,
        });
        await using var workload = await Workload.StartAsync(_agent.Address);

        var refused = await Assert.ThrowsAsync<MeshIdentityException>(async () => await workload.Jwt.GetAsync("billing"));
        Assert.That(refused!.Message, Does.Contain(reason).And.Not.Contain("eyJ"));
    }

    [Test]
    public async Task Get_NoTokenInTheAnswer_SaysSo()
    {
        _agent.Jwt = static _ => new JWTSVIDResponse();
        await using var workload = await Workload.StartAsync(_agent.Address);

        Assert.That(async () => await workload.Jwt.GetAsync("billing"), Throws.TypeOf<MeshIdentityException>().With.Message.Contains("there is none in its answer"));
    }

    [Test]
    public async Task Validate_AgentDecides()
    {
        _agent.Validate = static request => request is { Svid: "good", Audience: Orders }
            ? new ValidateJWTSVIDResponse { SpiffeId = "spiffe://shop.example/ns/shop/sa/storefront" }
            : throw new RpcException(new Status(StatusCode.InvalidArgument, "bad"));
        await using var workload = await Workload.StartAsync(_agent.Address);

        using (Assert.EnterMultipleScope())
        {
            Assert.That($"{await workload.Jwt.ValidateAsync("good", Orders)}", Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
            Assert.That(await workload.Jwt.ValidateAsync("bad", Orders), Is.Null);
            Assert.That(await workload.Jwt.ValidateAsync("", Orders), Is.Null);
            Assert.That(await workload.Jwt.ValidateAsync(new string('a', 20_000), Orders), Is.Null);
        }

        await _agent.StopAsync();
        Assert.That(async () => await workload.Jwt.ValidateAsync("good", Orders), Throws.TypeOf<MeshIdentityException>(), "fails closed and loudly");
    }

    private static JWTSVIDResponse Answer(string token) => new() { Svids = { new JWTSVID { SpiffeId = Orders, Svid = token } } };

    private static int _number;

    private static string Token(string subject, string audience, TimeSpan life)
    {
        var header = Encode("""{"alg":"ES256","typ":"JWT"}""");
        var exp = DateTimeOffset.UtcNow.Add(life).ToUnixTimeSeconds();
        var payload = Encode($$"""{"sub":"{{subject}}","aud":["{{audience}}"],"exp":{{exp}},"jti":"{{Interlocked.Increment(ref _number)}}"}""");
        return $"{header}.{payload}.{Encode("signature")}";

        static string Encode(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }
}
