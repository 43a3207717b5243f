using System.Security.Claims;
using Mesh.Server.Authentication;
using Mesh.Server.Authorization;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Tests.Authentication.Users;

/// <summary><c>HttpContext.User</c> with and without ASP.NET's own middleware.</summary>
internal sealed class DirectUserTests
{
    private static readonly TokenForge Forge = new();

    [Test]
    public async Task MeshAlone_NobodyIsAskedForTheUser()
    {
        var asked = new CountingSchemes();
        await using var app = await StartAsync(builder => builder.Services.AddSingleton<IAuthenticationHandlerProvider>(asked));

        Assert.That(await GetAsync(app, "/private"), Is.EqualTo("alice;Mesh"));
        Assert.That(asked.Count, Is.Zero);
    }

    [Test]
    public async Task ClaimsTransformation_IsApplied()
    {
        await using var app = await StartAsync(static builder => builder.Services.AddScoped<IClaimsTransformation, Promotion>());

        Assert.That(await GetAsync(app, "/admin"), Is.EqualTo("admin"));
    }

    [Test]
    public async Task OtherDefaultScheme_DecidesWhoTheUserIs()
    {
        await using var app = await StartAsync(static builder => builder.Services.AddAuthentication("Cookies").AddCookie("Cookies", static options => options.Events.OnRedirectToLogin = static context =>
        {
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
            return Task.CompletedTask;
        }));
        using var response = await SendAsync(app, "/private");

        Assert.That((int)response.StatusCode, Is.EqualTo(StatusCodes.Status418ImATeapot));
        Assert.That(await GetAsync(app, "/mesh-only"), Is.EqualTo("alice"));
    }

    [Test]
    public async Task ApplicationsOwnUser_TakesItsPlace()
    {
        await using var app = await StartAsync(static _ => { });

        Assert.That(await GetAsync(app, "/replaced"), Is.EqualTo("bob;bob"));
    }

    [Test]
    public async Task CustomAuthorizer_KnowsTheUser()
    {
        await using var app = await StartAsync(
            static builder => builder.Services.AddMeshAuthorizer("name", static (http, _) => new(http.User.Identity?.Name == "alice" ? AuthorizerDecision.Allow : AuthorizerDecision.Deny)),
            ("Authorization:ask:Action", "Custom"),
            ("Authorization:ask:Provider:Name", "name"),
            ("Authorization:ask:Rules:0:To:0:Paths:0", "/private"));

        Assert.That(await GetAsync(app, "/private"), Is.EqualTo("alice;Mesh"));
    }

    private static Task<ServedApp> StartAsync(Action<WebApplicationBuilder> configure, params IEnumerable<(string, string?)> more) => ServedApp.StartAsync(
        static app =>
        {
            app.MapGet("/private", [Authorize] static (HttpContext http) =>
                $"{http.User.Identity?.Name};{http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Ticket?.AuthenticationScheme}");
            app.MapGet("/admin", static () => "admin").RequireAuthorization(static policy => policy.RequireRole("admin"));
            app.MapGet("/mesh-only", [Authorize(AuthenticationSchemes = MeshAuthenticationDefaults.AuthenticationScheme)] static (HttpContext http) => http.User.Identity?.Name);
            app.MapGet("/replaced", static (HttpContext http) =>
            {
                http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("name", "bob")], "own", "name", null));
                return $"{http.User.Identity?.Name};{http.User.FindFirstValue("name")}";
            });
        },
        [
            ("PeerAuthentication", "Disabled"),
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks),
            .. more,
        ],
        configure);

    private static Task<HttpResponseMessage> SendAsync(ServedApp app, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {Forge.Es256()}" } } };
        return app.Plaintext().SendAsync(request);
    }

    private static async Task<string> GetAsync(ServedApp app, string path)
    {
        using var response = await SendAsync(app, path);
        return await response.Content.ReadAsStringAsync();
    }

    private sealed class Promotion : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
        {
            principal.AddIdentity(new ClaimsIdentity([new Claim(ClaimTypes.Role, "admin")], "promotion"));
            return Task.FromResult(principal);
        }
    }

    private sealed class CountingSchemes : IAuthenticationHandlerProvider
    {
        public int Count { get; private set; }

        public Task<IAuthenticationHandler?> GetHandlerAsync(HttpContext context, string authenticationScheme)
        {
            Count++;
            return Task.FromResult<IAuthenticationHandler?>(null);
        }
    }
}
