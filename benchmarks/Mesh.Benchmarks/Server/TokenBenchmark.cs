using Mesh.Benchmarks.Measuring;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Benchmarks.Server;

/// <summary>What an ES256 token costs that has been seen before: <c>JwtBearer</c> with <c>[Authorize]</c>, and the mesh with a document, above an empty endpoint.</summary>
internal static class TokenBenchmark
{
    private const int CallsPerRound = 2_000;

    // Of what JwtBearer and authorization add.
    private const double Budget = 1.0 / 30;

    public static async Task<bool> RunAsync()
    {
        using var token = new BenchmarkToken();
        var authorization = $"Bearer {token.Text}";
        await using var empty = await BenchmarkApp.StartAsync(static _ => { }, static app => app.UseRouting());
        await using var microsoft = await BenchmarkApp.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
                {
                    options.MapInboundClaims = false;
                    options.TokenValidationParameters = new TokenValidationParameters
                    {
                        IssuerSigningKeys = new JsonWebKeySet(token.Jwks).Keys,
                        ValidAudience = BenchmarkToken.Audience,
                        ValidIssuer = BenchmarkToken.Issuer,
                    };
                });
                builder.Services.AddAuthorization();
            },
            static app => app.UseRouting().UseAuthentication().UseAuthorization(),
            authorize: true);
        await using var mesh = await StartMeshAsync(token, authorize: false);
        await using var meshAndMicrosoft = await StartMeshAsync(token, authorize: true);
        var figures = await InterleavedRounds.MeasureAsync(
            [
                new("empty endpoint", () => empty.ServeAsync(null)),
                new("JwtBearer + [Authorize]", () => microsoft.ServeAsync(authorization)),
                new("UseMesh: token, document", () => mesh.ServeAsync(authorization)),
                new("UseMesh: token, document, [Authorize]", () => meshAndMicrosoft.ServeAsync(authorization)),
            ],
            CallsPerRound);
        Console.WriteLine($"An ES256 token seen before (medians of interleaved rounds, {CallsPerRound} calls each)");
        foreach (var figure in figures)
        {
            Console.WriteLine($"  {figure.Name,-38} {figure.Nanoseconds,8:0} ns  {figure.Bytes,6:0} B   added {figure.Nanoseconds - figures[0].Nanoseconds,7:0} ns  {figure.Bytes - figures[0].Bytes,6:0} B");
        }

        var share = (figures[2].Nanoseconds - figures[0].Nanoseconds) / (figures[1].Nanoseconds - figures[0].Nanoseconds);
        var met = share <= Budget;
        Console.WriteLine($"  mesh ÷ JwtBearer, of what is added: 1/{1 / share:0} (budget 1/{1 / Budget:0}): {(met ? "met" : "MISSED")}");
        return met;
    }

    private static Task<BenchmarkApp> StartMeshAsync(BenchmarkToken token, bool authorize) => BenchmarkApp.StartAsync(
        static builder => builder.AddMeshServer(),
        static app => app.UseMesh(),
        authorize,
        ("Server:Authentication:Jwt:0:Issuer", BenchmarkToken.Issuer),
        ("Server:Authentication:Jwt:0:Audiences:0", BenchmarkToken.Audience),
        ("Server:Authentication:Jwt:0:Jwks", token.Jwks),
        ("Server:Authorization:people:Rules:0:From:0:RequestPrincipals:0", $"{BenchmarkToken.Issuer}/*"),
        ("Server:Authorization:people:Rules:0:To:0:Paths:0", "/orders/*"));
}
