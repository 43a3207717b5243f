using System.Net;
using Mesh.Server.Tests.Authentication;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Server.Tests.Pipeline;

internal sealed class AuthorizationTests
{
    private static readonly TokenForge Forge = new();

    [TestCase("storefront", "GET", "/orders/1", HttpStatusCode.OK)]
    [TestCase("storefront", "POST", "/orders/1", HttpStatusCode.Forbidden)]
    [TestCase("storefront", "GET", "/other", HttpStatusCode.Forbidden)]
    [TestCase("catalog", "GET", "/orders/1", HttpStatusCode.Forbidden)]
    [TestCase("storefront.other", "GET", "/orders/1", HttpStatusCode.Forbidden)]
    public async Task AllowDocument_PrincipalMethodAndPath_AllMustMatch(string caller, string method, string path, HttpStatusCode expected)
    {
        await using var app = await StartAsync(
            ("Authorization:read:Rules:0:From:0:Principals:0", "shop.example/ns/shop/sa/storefront"),
            ("Authorization:read:Rules:0:To:0:Methods:0", "GET"),
            ("Authorization:read:Rules:0:To:0:Paths:0", "/orders/*"));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await app.Peer(ServedApp.Authority.Issue(caller)).SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(expected));
    }

    [TestCase("/admin")]
    [TestCase("/admin/")]
    [TestCase("/ADMIN")]
    [TestCase("//admin")]
    [TestCase("/./admin")]
    [TestCase("/x/../admin")]
    [TestCase("/x/%2e%2e/admin")]
    [TestCase("/x/.%2E/admin")]
    [TestCase("/x\\..\\admin")]
    [TestCase("/%61dmin")]
    [TestCase("/%41DMIN")]
    [TestCase("/admin?x")]
    [TestCase("/admin/.")]
    [TestCase("/admin/x/..")]
    [TestCase("/x%2f..%2fadmin")]
    [TestCase("/admin%2f")]
    [TestCase("/x%5c..%5cadmin")]
    [TestCase("/%2e/admin")]
    [TestCase("/..;/admin")]
    [TestCase("http://orders/admin")]
    [TestCase("http://orders//admin")]
    public async Task DenyDocument_NoSpellingOfThePathGetsPast(string target)
    {
        await using var app = await StartAsync(
            ("PeerAuthentication", "Permissive"),
            ("Authorization:no-admin:Action", "Deny"),
            ("Authorization:no-admin:Rules:0:To:0:Paths:0", "/admin"),
            ("Authorization:no-admin:Rules:0:To:0:Paths:1", "/semi;colon"));

        var raw = await RawHttp.SendAsync(app.Http, $"GET {target} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

        Assert.That(raw, Does.StartWith("HTTP/1.1 403 ").Or.StartWith("HTTP/1.1 400 "));
        Assert.That(raw, Does.Not.Contain("secret"));
    }

    [TestCase("/semi;colon")]
    [TestCase("/semi%3bcolon")]
    [TestCase("/semi%3Bcolon/")]
    public async Task DenyDocument_EscapedDelimiter_IsTheSamePath(string target)
    {
        await using var app = await StartAsync(
            ("PeerAuthentication", "Permissive"),
            ("Authorization:no-semi:Action", "Deny"),
            ("Authorization:no-semi:Rules:0:To:0:Paths:0", "/semi;colon"));

        var raw = await RawHttp.SendAsync(app.Http, $"GET {target} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

        Assert.That(raw, Does.StartWith("HTTP/1.1 403 "));
    }

    [Test]
    public async Task RoutedPath_IsTheAuthorizedOne()
    {
        await using var app = await StartAsync(("PeerAuthentication", "Permissive"));

        var raw = await RawHttp.SendAsync(app.Http, "GET //x\\..//%61dmin HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

        Assert.That(raw, Does.StartWith("HTTP/1.1 200 ").And.Contain("secret"));
    }

    [Test]
    public async Task Denied_WithoutAnyCredential_IsToldToShowOne()
    {
        await using var app = await StartAsync([.. TokenOnly, ("PeerAuthentication", "Disabled")]);

        using var response = await app.Plaintext().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Unauthorized, "token-required");
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"));
    }

    [Test]
    public async Task Denied_WithACredential_IsForbidden()
    {
        await using var app = await StartAsync([.. TokenOnly, ("Authorization:people:Rules:0:To:0:Methods:0", "GET")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders/1");
        request.Headers.Authorization = new("Bearer", Forge.Rs256());

        using var withToken = await app.Peer().SendAsync(request);
        using var withPeer = await app.Peer().GetAsync("/orders/1");

        var problem = await ProblemAssert.IsProblemAsync(withToken, HttpStatusCode.Forbidden, "access-denied");
        await ProblemAssert.IsProblemAsync(withPeer, HttpStatusCode.Forbidden, "access-denied");
        Assert.That(problem.ToString(), Does.Not.Contain("people"), "the policy is named in the log alone");
        Assert.That(app.Log.Entries.Select(static entry => entry.Message), Has.Some.Contains("was denied"));
    }

    [Test]
    public async Task Denied_WithoutAnyCredentialAndWithoutAnyIssuer_IsForbidden()
    {
        await using var app = await StartAsync(
            ("PeerAuthentication", "Disabled"),
            ("Authorization:nobody:Rules:0:From:0:Principals:0", "*"));

        using var response = await app.Plaintext().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Forbidden, "access-denied");
    }

    [Test]
    public async Task RequestPrincipal_OfAValidToken_IsAllowed()
    {
        await using var app = await StartAsync([.. TokenOnly, ("PeerAuthentication", "Disabled")]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders/1");
        request.Headers.Authorization = new("Bearer", Forge.Rs256());

        using var response = await app.Plaintext().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private static IEnumerable<(string, string?)> TokenOnly =>
    [
        ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
        ("Authentication:Jwt:0:Audiences:0", TokenForge.Audience),
        ("Authentication:Jwt:0:Jwks", Forge.Jwks),
        ("Authorization:people:Rules:0:From:0:RequestPrincipals:0", "https://login.example/*"),
    ];

    private static Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(
        static app =>
        {
            app.Map("/orders/{id}", static (string id) => id);
            app.MapGet("/other", static () => "other");
            app.MapGet("/admin", static () => "secret");
            app.MapGet("/semi;colon", static () => "secret");
        },
        settings);
}
