using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

// A token issuer for the sample. Anybody gets a token for the name they give: real ones ask for a password.
var builder = WebApplication.CreateBuilder(args);
builder.AddMeshServer();

var app = builder.Build();
app.UseMesh();

var key = new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.NewGuid().ToString("N") };
var publicKey = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(ECDsa.Create(key.ECDsa.ExportParameters(false))) { KeyId = key.KeyId });

app.MapPost("/token", (string user) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
{
    Issuer = "https://tokens.shop.example",
    Audience = "shop",
    Claims = new Dictionary<string, object> { ["sub"] = user },
    Expires = DateTime.UtcNow.AddMinutes(30),
    SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256),
}));
app.MapGet("/jwks", () => new { keys = new[] { new { kty = publicKey.Kty, crv = publicKey.Crv, x = publicKey.X, y = publicKey.Y, kid = publicKey.Kid, use = "sig", alg = "ES256" } } });
app.Run();
