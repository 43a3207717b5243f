using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.ApiKeys;
using Mesh.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Mesh.Gateway.Tests.Auth;

/// <summary>Backends learn who the caller is from a token that the gateway signs.</summary>
public sealed class ForwardTokenTests
{
    private const string Issuer = "https://edge.shop.example";
    private const string Routes = """
        {
          "told": { "Rules": [ { "Matches": [ { "Path": { "Value": "/told" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Anonymous": true, "ForwardToken": { "Claims": [ "scope", "address.city", "none" ] } } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "named": { "Rules": [ { "Matches": [ { "Path": { "Value": "/named" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Anonymous": true, "ForwardCredentials": true, "ForwardToken": { "Audience": "urn:orders", "Header": "x-caller" } } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "rest": { "Rules": [ { "BackendRefs": [ { "Name": "orders" } ] } ] }
        }
        """;

    private readonly string _key = ApiKey.Generate();
    private FakeTimeProvider _time = null!;
    private TokenMint _mint = null!;
    private Backend _backend = null!;
    private string _keyFile = null!;
    private Edge _edge = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _mint = new TokenMint();
        _backend = await Backend.StartAsync();
        _keyFile = Path.GetTempFileName();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(_keyFile, key.ExportPkcs8PrivateKeyPem());
        _edge = await StartEdgeAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _edge.DisposeAsync();
        await _backend.DisposeAsync();
        _mint.Dispose();
        File.Delete(_keyFile);
    }

    [Test]
    public async Task Token_OfACallerWithAToken_SaysWhoItIsToThisBackendForAMinute()
    {
        var token = await AskAsync("/told", "Authorization", $"Bearer {_mint.Issue("ada", "orders:read orders:write", new { city = "London" })}");

        Assert.That(token!.Issuer, Is.EqualTo(Issuer));
        Assert.That(token.Audiences, Is.EqualTo(new[] { "orders" }));
        Assert.That(token.Subject, Is.EqualTo("ada"));
        Assert.That(Text(token, "idp"), Is.EqualTo(TokenMint.Issuer));
        Assert.That(Text(token, "scope"), Is.EqualTo("orders:read orders:write"));
        Assert.That(Text(token, "address.city"), Is.EqualTo("London"));
        Assert.That(token.TryGetPayloadValue<string>("none", out _), Is.False);
        Assert.That(token.ValidTo - token.IssuedAt, Is.EqualTo(TimeSpan.FromSeconds(60)));
        Assert.That((token.Alg, token.Typ), Is.EqualTo(("ES256", "JWT")));
        using var jwks = JsonDocument.Parse(await _edge.Client.GetStringAsync(new Uri("/.well-known/mesh-jwks.json", UriKind.Relative)));
        Assert.That(token.Kid, Is.EqualTo(jwks.RootElement.GetProperty("keys")[0].GetProperty("kid").GetString()));
    }

    [Test]
    public async Task Token_OfACallerWithAnApiKey_NamesTheConsumer()
    {
        var token = await AskAsync("/told", "x-api-key", _key);

        Assert.That((token!.Subject, Text(token, "idp"), Text(token, "scope")), Is.EqualTo(("acme", "api-key", "orders:read")));
    }

    [Test]
    public async Task Caller_ShowsNothing_BackendGetsNoTokenAndNoneThatWasMadeUp()
    {
        Assert.That(await AskAsync("/told", "x-other", "a"), Is.Null);
        Assert.That(await AskAsync("/named", "x-caller", "a.b.c"), Is.Null);
        Assert.That(_backend.Headers, Does.Not.ContainKey("x-caller"));
        await AskAsync("/rest", "x-caller", "a.b.c");
        Assert.That(_backend.Headers, Does.Not.ContainKey("x-caller"), "nor by another rule");
        await AskAsync("/told", "Authorization", "Basic YTpi");
        Assert.That(_backend.Headers, Does.Not.ContainKey("Authorization"));
        await AskAsync("/rest", "Authorization", "Basic YTpi");
        Assert.That(_backend.Headers["Authorization"], Is.EqualTo("Basic YTpi"), "where the gateway says nothing");
    }

    [Test]
    public async Task Header_IsAnother_CarriesTheTokenBesideTheCallersOwn()
    {
        var own = $"Bearer {_mint.Issue("ada")}";
        await AskAsync("/named", "Authorization", own);

        var token = new JsonWebToken(_backend.Headers["x-caller"]);
        Assert.That((token.Subject, token.Audiences.Single()), Is.EqualTo(("ada", "urn:orders")));
        Assert.That(_backend.Headers["Authorization"], Is.EqualTo(own));
    }

    [Test]
    public async Task Token_OfTheSameCaller_ServesUntilAThirdOfItsLifeIsLeft()
    {
        var own = $"Bearer {_mint.Issue("ada")}";
        var first = await AskAsync("/told", "Authorization", own);
        _time.Advance(TimeSpan.FromSeconds(39));
        Assert.That((await AskAsync("/told", "Authorization", own))!.EncodedToken, Is.EqualTo(first!.EncodedToken));
        Assert.That((await AskAsync("/told", "Authorization", $"Bearer {_mint.Issue("eve")}"))!.Subject, Is.EqualTo("eve"));

        _time.Advance(TimeSpan.FromSeconds(2));
        var second = await AskAsync("/told", "Authorization", own);
        Assert.That(second!.EncodedToken, Is.Not.EqualTo(first.EncodedToken));
        Assert.That(second.ValidTo, Is.EqualTo(first.ValidTo + TimeSpan.FromSeconds(41)).Within(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task KeyFile_IsReplaced_NewTokensHaveTheNewKeyAndBothArePublished()
    {
        var own = $"Bearer {_mint.Issue("ada")}";
        var first = await AskAsync("/told", "Authorization", own);
        using var key = RSA.Create(2048);
        await File.WriteAllTextAsync(_keyFile, key.ExportPkcs8PrivateKeyPem());
        _time.Advance(TimeSpan.FromSeconds(41));

        var second = await AskAsync("/told", "Authorization", own);

        Assert.That((second!.Alg, second.Kid), Is.Not.EqualTo((first!.Alg, first.Kid)));
        Assert.That(second.Alg, Is.EqualTo("RS256"));
        var keys = await _edge.Client.GetStringAsync(new Uri("/.well-known/mesh-jwks.json", UriKind.Relative));
        Assert.That(keys, Does.Contain(first.Kid).And.Contain(second.Kid));
    }

    [Test]
    public async Task Backend_OfTheMesh_AcceptsItAsDocumented()
    {
        await using var service = await StartServiceAsync();
        await using var edge = await StartEdgeAsync(new Uri(service.Urls.Single()).Authority);
        service.Configuration["Mesh:Server:Authentication:Jwt:0:JwksUri"] = $"{edge.Address}.well-known/mesh-jwks.json";
        ((Microsoft.Extensions.Configuration.IConfigurationRoot)service.Configuration).Reload();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/told");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_mint.Issue("ada")}");

        using var response = await edge.Client.SendAsync(request);
        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, $"{Issuer}/ada")));

        // Nobody else may say so, and the caller's own token is none for it.
        using var direct = new HttpRequestMessage(HttpMethod.Get, new Uri(service.Urls.Single()));
        direct.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_mint.Issue("ada")}");
        using var refused = await edge.Client.SendAsync(direct);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Jwks_OtherMethods_AreRefused()
    {
        using var response = await _edge.Client.PostAsync(new Uri("/.well-known/mesh-jwks.json", UriKind.Relative), null);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task Settings_ThatMakeNoSense_AreRefusedWithTheirPaths()
    {
        var exception = await Assert.ThrowsAsync<MeshConfigurationException>(() => Edge.StartWithMembersAsync(
            """{ "all": { "Rules": [ { "Filters": [ { "Type": "Auth", "Auth": { "ForwardCredentials": true, "ForwardToken": { "Audience": "orders" } } } ], "BackendRefs": [ { "Name": "orders" } ] } ] }, "other": { "Rules": [ { "Filters": [ { "Type": "Auth", "Auth": { "ForwardToken": { "Header": "Host", "Claims": [ "sub" ] } } } ], "BackendRefs": [ { "Name": "orders" } ] } ] } }""",
            """ "InternalToken": { "KeyFiles": [], "Lifetime": "2m", "JwksPath": "keys" }, """,
            "",
            ("orders", _backend.Address)));

        foreach (var path in new[] { "Routes:all:Rules:0:Filters:0:Auth:ForwardToken: it takes the place", "Auth:ForwardToken:Header: found 'Host'", "Auth:ForwardToken:Claims:0: found 'sub'", "InternalToken:Issuer", "InternalToken:KeyFiles", "InternalToken:Lifetime", "InternalToken:JwksPath" })
        {
            Assert.That(exception!.Message, Does.Contain(path));
        }
    }

    [Test]
    public async Task ForwardToken_NobodyIssuesTokens_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<MeshConfigurationException>(() => Edge.StartWithMembersAsync(Routes, "", "", ("orders", _backend.Address)));

        Assert.That(exception!.Message, Does.Contain("Mesh:Gateway:InternalToken: a rule has ForwardToken"));
    }

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var text) ? text : null;

    // Its keys come from where the gateway will be.
    private static async Task<WebApplication> StartServiceAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        foreach (var (name, value) in new[]
        {
            ("Mesh:Service:Name", "orders"),
            ("Mesh:Server:PeerAuthentication", "Disabled"),
            ("Mesh:Server:Authentication:Jwt:0:Issuer", Issuer),
            ("Mesh:Server:Authentication:Jwt:0:Audiences:0", "orders"),
            ("Mesh:Server:Authentication:Jwt:0:JwksUri", "http://127.0.0.1:9/"),
        })
        {
            builder.Configuration[name] = value;
        }

        builder.AddMeshServer();
        var app = builder.Build();
        app.UseMesh();
        app.Run(static http => http.Response.WriteAsync(http.Features.Get<Server.Pipeline.MeshRequest>()?.RequestPrincipal ?? "nobody"));
        await app.StartAsync();
        return app;
    }

    private Task<Edge> StartEdgeAsync(string? backend = null)
    {
        var secret = ApiKeySecret.Generate();
        return Edge.StartWithAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(_time),
            Routes,
            $$""" "InternalToken": { "Issuer": "{{Issuer}}", "KeyFiles": [ "{{_keyFile}}" ] }, """,
            $$""" "Server": { "Authentication": { {{_mint.Setting}}, "ApiKeys": { "Secrets": [ "{{secret}}" ], "Consumers": { "acme": { "Scopes": [ "orders:read" ], "Keys": [ { "Hash": "{{ApiKeyHash.Of(_key, ApiKeySecret.TryParse(secret)!)}}" } ] } } } } }, """,
            ("orders", backend ?? _backend.Address));
    }

    private async Task<JsonWebToken?> AskAsync(string path, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await _edge.Client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), await response.Content.ReadAsStringAsync());
        return _backend.Headers.TryGetValue("Authorization", out var token) && token.StartsWith("Bearer ", StringComparison.Ordinal) ? new JsonWebToken(token["Bearer ".Length..]) : null;
    }
}
