using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Mesh.Benchmarks.Server;
using Mesh.Routing;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Yarp.ReverseProxy.Configuration;

namespace Mesh.Benchmarks.Gateway;

/// <summary>The applications that are compared.</summary>
internal static class Hosts
{
    private const int ManyRoutes = 10_000;

    // Nothing is refused.
    private const int Plenty = 1_000_000;
    private const string Limiter = "per-caller";

    public static WebApplication Backend()
    {
        var body = new byte[200];
        Array.Fill(body, (byte)'x');
        var app = Create().Build();
        app.Run(http =>
        {
            http.Response.ContentType = "text/plain";
            http.Response.ContentLength = body.Length;
            return http.Response.Body.WriteAsync(body, 0, body.Length);
        });
        return app;
    }

    public static WebApplication Yarp(int backend)
    {
        var builder = Create();
        AddYarp(builder, backend, authorization: null, limiter: null);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }

    public static WebApplication YarpSecured(int backend, string folder)
    {
        var builder = Create();
        AddYarp(builder, backend, "default", Limiter);
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.TokenValidationParameters = new TokenValidationParameters
            {
                IssuerSigningKeys = new JsonWebKeySet(Workshop.ReadJwks(folder)).Keys,
                ValidAudience = BenchmarkToken.Audience,
                ValidIssuer = BenchmarkToken.Issuer,
            };
        });
        builder.Services.AddAuthorization();
        builder.Services.AddRateLimiter(static options => options.AddPolicy(Limiter, static http => RateLimitPartition.GetTokenBucketLimiter(
            http.User.FindFirstValue("sub"),
            static _ => new TokenBucketRateLimiterOptions { TokenLimit = Plenty, TokensPerPeriod = Plenty, ReplenishmentPeriod = TimeSpan.FromSeconds(1) })));
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.MapReverseProxy();
        return app;
    }

    public static WebApplication Mesh(int backend) => Mesh(backend, []);

    public static WebApplication MeshSecured(int backend, string folder) => Mesh(
        backend,
        [
            new("Mesh:Server:Authentication:Jwt:0:Issuer", BenchmarkToken.Issuer),
            new("Mesh:Server:Authentication:Jwt:0:Audiences:0", BenchmarkToken.Audience),
            new("Mesh:Server:Authentication:Jwt:0:Jwks", Workshop.ReadJwks(folder)),
            new("Mesh:Server:Authorization:people:Rules:0:From:0:RequestPrincipals:0", $"{BenchmarkToken.Issuer}/*"),
            new("Mesh:Server:Authorization:people:Rules:0:To:0:Paths:0", "/orders/*"),
            new("Mesh:Server:RateLimits:0:Name", Limiter),
            new("Mesh:Server:RateLimits:0:Limit", $"{Plenty}"),
        ]);

    public static WebApplication MeshManyRoutes(int backend) => Mesh(backend, [], ManyRoutes);

    private static WebApplication Mesh(int backend, IEnumerable<KeyValuePair<string, string?>> settings, int routes = 1)
    {
        var builder = Create();
        builder.Configuration.AddInMemoryCollection(
        [
            new("Mesh:Service:Name", "edge"),
            new("Mesh:Service:TrustDomain", "shop.example"),
            new("Services:orders:http:0", $"127.0.0.1:{backend}"),
            .. settings,
        ]);

        builder.AddMeshGateway(options =>
        {
            options.Routes["orders"] = Route("/orders");
            for (var i = 1; i < routes; i++)
            {
                options.Routes[$"orders{i}"] = Route($"/orders{i}");
            }
        });
        var app = builder.Build();
        app.MapMeshGateway();
        return app;
    }

    private static RouteOptions Route(string prefix) => new()
    {
        Rules = [new() { Matches = [new() { Path = new() { Type = PathMatchType.PathPrefix, Value = prefix } }], BackendRefs = [new() { Name = "orders" }] }],
    };

    private static void AddYarp(WebApplicationBuilder builder, int backend, string? authorization, string? limiter) => builder.Services.AddReverseProxy().LoadFromMemory(
        [
            new RouteConfig
            {
                RouteId = "orders",
                ClusterId = "orders",
                Match = new() { Path = "/orders/{**rest}" },
                AuthorizationPolicy = authorization,
                RateLimiterPolicy = limiter,
            },
        ],
        [
            new ClusterConfig
            {
                ClusterId = "orders",
                Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://127.0.0.1:{backend}" } },
            },
        ]);

    private static WebApplicationBuilder Create()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder;
    }
}
