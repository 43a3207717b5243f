using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mesh.Benchmarks.Server;

/// <summary>An ES256 token as issuers give them out, about 500 characters, and the key set to check it with.</summary>
internal sealed class BenchmarkToken : IDisposable
{
    public const string Issuer = "https://login.example";
    public const string Audience = "shop";

    private static readonly string[] Roles = ["customer", "beta"];

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public BenchmarkToken()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        Jwks = $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","use":"sig","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
        var input = $"{Encode(new { alg = "ES256", typ = "at+jwt", kid = "k1" })}.{Encode(new
        {
            iss = Issuer,
            aud = Audience,
            sub = "248289761001",
            exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
            iat = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            jti = Guid.NewGuid(),
            client_id = "storefront",
            scope = "orders:read orders:write",
            roles = Roles,
        })}";
        Text = $"{input}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    public string Jwks { get; }

    public string Text { get; }

    public void Dispose() => _key.Dispose();

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
