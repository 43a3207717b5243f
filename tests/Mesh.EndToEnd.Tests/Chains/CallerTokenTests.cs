using System.Security.Cryptography;
using Mesh.Server.Pipeline;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.EndToEnd.Tests.Chains;

/// <summary>The token of a caller reaches the services that ask for it, and nobody else.</summary>
public sealed class CallerTokenTests
{
    private const string Issuer = "https://tokens.example";

    [Test]
    public async Task Call_ThroughAService_CarriesTheCallersTokenWhereItIsAskedFor()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var mesh = await TestMesh.StartAsync(static mesh => mesh
            .AddService("orders", static app => app.MapGet("/", static (HttpContext http) => WhoCalls(http)))
            .AddService("catalog", static app => app.MapGet("/", static (HttpContext http) => WhoCalls(http)))
            .AddService("storefront", static app => app.MapGet("/", static async (IHttpClientFactory clients) =>
                $"{await clients.CreateClient().GetStringAsync("https://orders/")} {await clients.CreateClient().GetStringAsync("https://catalog/")}")));
        mesh.Configure("Mesh:Server:Authentication:Jwt:0:Issuer", Issuer);
        mesh.Configure("Mesh:Server:Authentication:Jwt:0:Jwks", Jwks(key));
        mesh.Configure("Mesh:Client:Services:orders:AccessToken:Source", "PassThrough");
        mesh.Configure("Mesh:Client:Services:orders:AccessToken:WithoutCaller", "Anonymous");
        using var alice = mesh.CreateClient("shopper");
        alice.DefaultRequestHeaders.Add("Authorization", $"Bearer {Token(key, "alice")}");
        using var nobody = mesh.CreateClient("visitor");

        Assert.That(await alice.GetStringAsync("https://storefront/"), Is.EqualTo($"{Issuer}/alice nobody"));
        Assert.That(await nobody.GetStringAsync("https://storefront/"), Is.EqualTo("nobody nobody"));
    }

    private static string WhoCalls(HttpContext http) => http.Features.Get<MeshRequest>()!.RequestPrincipal ?? "nobody";

    private static string Token(ECDsa key, string subject) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Claims = new Dictionary<string, object> { ["sub"] = subject },
        Expires = DateTime.UtcNow.AddMinutes(5),
        SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = "1" }, SecurityAlgorithms.EcdsaSha256),
    });

    private static string Jwks(ECDsa key)
    {
        var parameters = key.ExportParameters(false);
        return $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"{{Base64UrlEncoder.Encode(parameters.Q.X)}}","y":"{{Base64UrlEncoder.Encode(parameters.Q.Y)}}"}]}""";
    }
}
