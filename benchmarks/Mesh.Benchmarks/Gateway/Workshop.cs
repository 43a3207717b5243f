using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.Benchmarks.Server;

namespace Mesh.Benchmarks.Gateway;

/// <summary>A folder with what the processes share: a token of RS256, the key set to check it with, configuration of proxies.</summary>
internal sealed class Workshop : IDisposable
{
    private const string Token = "token";
    private const string Jwks = "jwks.json";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-benchmark-");

    public Workshop()
    {
        using var key = RSA.Create(2048);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        File.WriteAllText(
            Path.Combine(Folder, Jwks),
            $$"""{"keys":[{"kty":"RSA","alg":"RS256","kid":"k1","use":"sig","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}","e":"{{Base64Url.EncodeToString(parameters.Exponent)}}"}]}""");
        var input = $"{Encode(new { alg = "RS256", typ = "at+jwt", kid = "k1" })}.{Encode(new
        {
            iss = BenchmarkToken.Issuer,
            aud = BenchmarkToken.Audience,
            sub = "248289761001",
            exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
            iat = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            jti = Guid.NewGuid(),
            client_id = "storefront",
            scope = "orders:read orders:write",
        })}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        File.WriteAllText(Path.Combine(Folder, Token), $"{input}.{Base64Url.EncodeToString(signature)}");
    }

    public string Folder => _folder.FullName;

    public static string ReadToken(string folder) => File.ReadAllText(Path.Combine(folder, Token));

    public static string ReadJwks(string folder) => File.ReadAllText(Path.Combine(folder, Jwks));

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
