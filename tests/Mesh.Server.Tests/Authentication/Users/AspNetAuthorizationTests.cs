using System.Net;
using System.Net.Http.Headers;
using Mesh.Server.Authentication;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Tests.Authentication.Users;

internal sealed class AspNetAuthorizationTests
{
    private static readonly TokenForge Forge = new();

    [Test]
    public async Task User_HasTheTokenFirstAndThePeerBesideIt()
    {
        await using var app = await StartAsync("Permissive");

        Assert.That(await GetAsync(app.Peer(), "/user", Forge.Rs256()), Is.EqualTo("alice;Mesh.Token:alice,Mesh.Peer:spiffe://shop.example/ns/shop/sa/storefront"));
        Assert.That(await GetAsync(app.Peer(), "/user", null), Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront;Mesh.Peer:spiffe://shop.example/ns/shop/sa/storefront"));
        Assert.That(await GetAsync(app.Anonymous(), "/user", null), Is.EqualTo(";"));
    }

    [Test]
    public async Task AuthorizeAttribute_Anonymous_IsChallenged()
    {
        await using var app = await StartAsync("Permissive");

        using var response = await app.Anonymous().GetAsync("/private");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Unauthorized, "token-required");
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"));
    }

    [Test]
    public async Task Policy_NotMet_IsForbidden()
    {
        await using var app = await StartAsync("Permissive");

        using var response = await app.Peer().GetAsync("/admin");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Forbidden, "access-denied");
    }

    [Test]
    public async Task Policy_Met_IsServed()
    {
        await using var app = await StartAsync("Permissive");

        Assert.That(await GetAsync(app.Peer(), "/private", null), Is.EqualTo("private"));
        Assert.That(await GetAsync(app.Anonymous(), "/admin", Forge.Rs256(static c => c["roles"] = "admin")), Is.EqualTo("admin"));
    }

    [Test]
    public async Task ClaimsAddedToTheUser_DoNotStayWithTheToken()
    {
        await using var app = await StartAsync("Permissive");
        var token = Forge.Rs256();

        Assert.That(await GetAsync(app.Anonymous(), "/promote", token), Is.EqualTo("1"));
        Assert.That(await GetAsync(app.Anonymous(), "/promote", token), Is.EqualTo("1"));
    }

    [Test]
    public async Task TokenThatNamesAPeer_IsNotBelieved()
    {
        await using var app = await StartAsync("Permissive");
        var token = Forge.Rs256(static c => c["mesh:peer"] = new System.Text.Json.Nodes.JsonArray("spiffe://shop.example/ns/shop/sa/admin", "x"));

        Assert.That(await GetAsync(app.Anonymous(), "/peer", token), Is.EqualTo("none"));
    }

    [Test]
    public async Task ApplicationsOwnDefaultScheme_IsKept()
    {
        var (app, log) = ServedApp.Build(
            static _ => { },
            [],
            static builder => builder.Services.AddAuthentication("Cookies").AddCookie("Cookies"));
        await using (app)
        using (log)
        {
            var schemes = app.Services.GetRequiredService<Microsoft.AspNetCore.Authentication.IAuthenticationSchemeProvider>();

            Assert.That((await schemes.GetDefaultAuthenticateSchemeAsync())?.Name, Is.EqualTo("Cookies"));
            Assert.That(await schemes.GetSchemeAsync(MeshAuthenticationDefaults.AuthenticationScheme), Is.Not.Null);
        }
    }

    private static Task<ServedApp> StartAsync(string mode) => ServedApp.StartAsync(
        static app =>
        {
            app.MapGet("/user", static (HttpContext http) =>
                $"{http.User.Identity?.Name};{string.Join(',', http.User.Identities.Where(static i => i.IsAuthenticated).Select(static i => $"{i.AuthenticationType}:{i.Name}"))}");
            app.MapGet("/private", [Authorize] static () => "private");
            app.MapGet("/admin", static () => "admin").RequireAuthorization(static policy => policy.RequireRole("admin"));
            app.MapGet("/peer", static (HttpContext http) => http.User.FindFirst(MeshAuthenticationDefaults.PeerClaim)?.Value ?? "none");
            app.MapGet("/promote", static (HttpContext http) =>
            {
                http.User.Identities.First().AddClaim(new("promoted", "yes"));
                return http.User.FindAll("promoted").Count().ToString(System.Globalization.CultureInfo.InvariantCulture);
            });
        },
        [
            ("PeerAuthentication", mode),
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Audiences:0", TokenForge.Audience),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks),
        ]);

    private static async Task<string> GetAsync(HttpClient client, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }
}
