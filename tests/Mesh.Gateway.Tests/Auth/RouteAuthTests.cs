using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mesh.ApiKeys;
using Mesh.Configuration;

namespace Mesh.Gateway.Tests.Auth;

/// <summary>What rules ask of callers, and what backends learn of them.</summary>
public sealed class RouteAuthTests
{
    private const string Filters = """
        {
          "open": { "Rules": [ { "Matches": [ { "Path": { "Value": "/open" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Anonymous": true } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "reading": { "Rules": [ { "Matches": [ { "Path": { "Value": "/reading" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Scopes": [ "orders:read" ] } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "keys": { "Rules": [ { "Matches": [ { "Path": { "Value": "/keys" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Accept": [ "ApiKey" ] } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "told": { "Rules": [ { "Matches": [ { "Path": { "Value": "/told" } } ], "Filters": [ { "Type": "Auth", "Auth": { "ForwardClaims": [ { "Header": "x-user", "Claim": "sub" }, { "Header": "x-city", "Claim": "address.city" } ] } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "relay": { "Rules": [ { "Matches": [ { "Path": { "Value": "/relay" } } ], "Filters": [ { "Type": "Auth", "Auth": { "ForwardCredentials": true } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "rest": { "Rules": [ { "BackendRefs": [ { "Name": "orders" } ] } ] }
        }
        """;

    private TokenMint _mint = null!;
    private readonly string _key = ApiKey.Generate();
    private Backend _backend = null!;
    private Edge _edge = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _mint = new TokenMint();
        _backend = await Backend.StartAsync();
        _edge = await StartAsync(Filters, "");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _edge.DisposeAsync();
        await _backend.DisposeAsync();
        _mint.Dispose();
    }

    [Test]
    public async Task Anonymous_PassesWithoutCredentialsAndNotWithWrongOnes()
    {
        Assert.That(await AskAsync("/open"), Is.EqualTo("200"));
        Assert.That(await AskAsync("/open", token: "a.b.c"), Does.StartWith("401"));
    }

    [Test]
    public async Task RuleWithAuth_NothingIsShown_SaysWhatToShow()
    {
        Assert.That(await AskAsync("/reading"), Is.EqualTo("401 credentials-required Bearer"));
        Assert.That(await AskAsync("/keys"), Is.EqualTo("401 credentials-required ApiKey"));
        Assert.That(_backend.Requests, Is.Zero);
    }

    [Test]
    public async Task Accept_OtherCredentials_DoNotCount()
    {
        Assert.That(await AskAsync("/keys", token: _mint.Issue("ada")), Is.EqualTo("401 credentials-required ApiKey"));
        Assert.That(await AskAsync("/keys", key: _key), Is.EqualTo("200"));
        Assert.That(await AskAsync("/reading", key: _key), Is.EqualTo("200"), "any credentials; its scope is the consumer's");
    }

    [Test]
    public async Task Scopes_AreMissing_RefusesAndNamesThem()
    {
        Assert.That(await AskAsync("/reading", token: _mint.Issue("ada")), Is.EqualTo("200"));
        Assert.That(await AskAsync("/reading", token: _mint.Issue("ada", "orders:reading")), Is.EqualTo("403 insufficient-scope Bearer error=\"insufficient_scope\", scope=\"orders:read\""));
    }

    [Test]
    public async Task Credentials_ThatTheGatewayHasChecked_EndThere()
    {
        Assert.That(await AskAsync("/reading", token: _mint.Issue("ada")), Is.EqualTo("200"));
        Assert.That(_backend.Headers.Keys, Has.None.EqualTo("Authorization").IgnoreCase);

        Assert.That(await AskAsync("/keys", key: _key), Is.EqualTo("200"));
        Assert.That(_backend.Headers.Keys, Has.None.EqualTo("x-api-key").IgnoreCase);

        Assert.That(await AskAsync("/rest", token: _mint.Issue("ada")), Is.EqualTo("200"), "also where the rule says nothing");
        Assert.That(_backend.Headers.Keys, Has.None.EqualTo("Authorization").IgnoreCase);

        Assert.That(await AskAsync($"/rest?a=%2F&access_token={_mint.Issue("ada")}&b=%20"), Is.EqualTo("200"));
        Assert.That(_backend.Target, Is.EqualTo("/rest?a=%2F&b=%20"));
    }

    [Test]
    public async Task Credentials_ThatNobodyHasChecked_AreTheBackendsAffair()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/rest");
        request.Headers.TryAddWithoutValidation("Authorization", "Basic dXNlcjpzZWNyZXQ=");
        using var response = await _edge.Client.SendAsync(request);

        Assert.That(_backend.Headers["Authorization"], Is.EqualTo("Basic dXNlcjpzZWNyZXQ="));
    }

    [Test]
    public async Task ForwardCredentials_BackendGetsThem()
    {
        var token = _mint.Issue("ada");

        Assert.That(await AskAsync("/relay", token: token), Is.EqualTo("200"));
        Assert.That(_backend.Headers["Authorization"], Is.EqualTo($"Bearer {token}"));
    }

    [Test]
    public async Task ForwardClaims_BackendLearnsThemAndNobodyElseSaysThem()
    {
        Assert.That(await AskAsync("/told", token: _mint.Issue("ada", address: new { city = "London" }), forged: "x-user"), Is.EqualTo("200"));
        Assert.That(_backend.Headers["x-user"], Is.EqualTo("ada"));
        Assert.That(_backend.Headers["x-city"], Is.EqualTo("London"));

        Assert.That(await AskAsync("/told", token: _mint.Issue("a\r\nb"), forged: "X-User"), Is.EqualTo("200"));
        Assert.That(_backend.Headers.Keys, Has.None.EqualTo("x-user").IgnoreCase, "what no field can carry is not said");

        Assert.That(await AskAsync("/open", forged: "x-user"), Is.EqualTo("200"));
        Assert.That(_backend.Headers.Keys, Has.None.EqualTo("x-user").IgnoreCase, "a rule that tells nothing lets nobody else tell it");
    }

    [Test]
    public async Task AuthOfTheGateway_HoldsForRulesWithoutOne()
    {
        await using var edge = await StartAsync(Filters, """ "Auth": { "Accept": [ "Token" ] }, """);

        Assert.That(await AskAsync("/rest", edge: edge), Is.EqualTo("401 credentials-required Bearer"));
        Assert.That(await AskAsync("/rest", token: _mint.Issue("ada"), edge: edge), Is.EqualTo("200"));
        Assert.That(await AskAsync("/open", edge: edge), Is.EqualTo("200"));
    }

    [Test]
    public async Task Auth_ThatMakesNoSense_IsRefusedWithItsPath()
    {
        var exception = await Assert.ThrowsAsync<MeshConfigurationException>(() => StartAsync(
            """
            { "all": { "Rules": [ { "Filters": [ { "Type": "Auth", "Auth": {
              "Accept": [ "None" ], "Anonymous": true, "Scopes": [ "a b" ], "ForwardClaims": [ { "Header": "Host" } ] } } ], "BackendRefs": [ { "Name": "orders" } ] } ] } }
            """,
            ""));

        Assert.That(exception!.Message, Does.Contain("Mesh:Gateway:Routes:all:Rules:0:Filters:0:Auth:Accept:0: found 'None'"));
        Assert.That(exception.Message, Does.Contain("Auth:Scopes: there is nothing in which an anonymous caller"));
        Assert.That(exception.Message, Does.Contain("Auth:Scopes:0: found 'a b'"));
        Assert.That(exception.Message, Does.Contain("Auth:ForwardClaims:0:Claim"));
        Assert.That(exception.Message, Does.Contain("Auth:ForwardClaims:0:Header: found 'Host'"));
    }

    private Task<Edge> StartAsync(string routes, string gateway)
    {
        var secret = ApiKeySecret.Generate();
        return Edge.StartWithMembersAsync(
            routes,
            gateway,
            $$""" "Server": { "Authentication": { {{_mint.Setting}}, "ApiKeys": { "Secrets": [ "{{secret}}" ], "Consumers": { "acme": { "Scopes": [ "orders:read" ], "Keys": [ { "Hash": "{{ApiKeyHash.Of(_key, ApiKeySecret.TryParse(secret)!)}}" } ] } } } } }, """,
            ("orders", _backend.Address));
    }

    private async Task<string> AskAsync(string path, string? token = null, string? key = null, string? forged = null, Edge? edge = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        if (key is not null)
        {
            request.Headers.Add("x-api-key", key);
        }

        if (forged is not null)
        {
            request.Headers.Add(forged, "admin");
        }

        using var response = await (edge ?? _edge).Client.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return "200";
        }

        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        return $"{(int)response.StatusCode} {problem.GetProperty("type").GetString()!.Split(':')[^1]} {response.Headers.WwwAuthenticate}";
    }
}
