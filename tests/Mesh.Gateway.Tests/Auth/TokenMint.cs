using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mesh.Gateway.Tests.Auth;

/// <summary>An issuer of ES256 tokens that a gateway trusts.</summary>
internal sealed class TokenMint : IDisposable
{
    public const string Issuer = "https://login.example";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The member <c>Jwt</c> of <c>Mesh:Server:Authentication</c>.</summary>
    public string Setting
    {
        get
        {
            var point = _key.ExportParameters(includePrivateParameters: false).Q;
            var keys = $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","use":"sig","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
            return $$""" "Jwt": [ { "Issuer": "{{Issuer}}", "Audiences": [ "shop" ], "FromHeaders": [ { "Name": "Authorization", "Prefix": "Bearer " } ], "FromParams": [ "access_token" ], "Jwks": {{JsonSerializer.Serialize(keys)}} } ]""";
        }
    }

    public string Issue(string subject, string scope = "orders:read", object? address = null)
    {
        var input = $"{Encode(new { alg = "ES256", typ = "at+jwt", kid = "k1" })}.{Encode(new
        {
            iss = Issuer,
            aud = "shop",
            sub = subject,
            exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
            iat = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            scope,
            address,
        })}";
        return $"{input}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _key.Dispose();

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
