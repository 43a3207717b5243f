using System.Net;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Server.Tests.Authentication;

/// <summary>What calls made while serving a request learn of its token: that of a request which passed, and nothing else.</summary>
internal sealed class CallerTokenTests
{
    private static readonly TokenForge Forge = new();

    private ServedApp _app = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _app = await ServedApp.StartAsync(
        static app => app.MapGet("/caller", static () => MeshContext.Current!.CallerToken?.Value ?? "nobody"),
        [
            ("PeerAuthentication", "Permissive"),
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks),
            ("Authentication:Jwt:0:FromHeaders:0:Name", "Authorization"),
            ("Authentication:Jwt:0:FromHeaders:0:Prefix", "Bearer "),
            ("Authentication:Jwt:0:FromCookies:0", "session"),
            ("Authentication:Jwt:0:ForwardOriginalToken", "false"),
        ]);

    [OneTimeTearDown]
    public async Task StopAsync() => await _app.DisposeAsync();

    [Test]
    public async Task CallerToken_OfAValidToken_IsThatTokenEachTime()
    {
        using var client = _app.Anonymous();
        var (alice, carol) = (Forge.Es256(), Forge.Es256(static claims => claims["sub"] = "carol"));
        foreach (var token in new[] { alice, alice, carol, alice })
        {
            Assert.That(await GetAsync(client, ("Authorization", $"Bearer {token}")), Is.EqualTo(token));
        }

        Assert.That(await GetAsync(client), Is.EqualTo("nobody"), "it is the request's and not the connection's");
        Assert.That(await GetAsync(client, ("Cookie", $"a=1; session={alice}")), Is.EqualTo(alice));
    }

    [Test]
    public async Task CallerToken_OfATokenThatNobodyLooksAt_IsNone()
    {
        using var client = _app.Anonymous();

        Assert.That(await GetAsync(client, ("X-Token", Forge.Es256())), Is.EqualTo("nobody"));
        Assert.That(await GetAsync(client, ("Authorization", "Basic bWU6c2VjcmV0")), Is.EqualTo("nobody"));
    }

    [Test]
    public async Task CallerToken_OneOfTwoIsForged_TheRequestIsRefused()
    {
        using var client = _app.Anonymous();
        var token = Forge.Es256();

        Assert.That(await GetAsync(client, ("Authorization", $"Bearer {token}"), ("Cookie", $"session={token[..^2]}AA")), Is.EqualTo("401"));
    }

    private static async Task<string> GetAsync(HttpClient client, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/caller");
        foreach (var (name, value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request);
        return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadAsStringAsync() : $"{(int)response.StatusCode}";
    }
}
