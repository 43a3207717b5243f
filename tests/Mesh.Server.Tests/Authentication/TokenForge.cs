using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Server.Tests.Authentication;

/// <summary>Makes tokens by hand, so that it can make those that no library would.</summary>
internal sealed class TokenForge : IDisposable
{
    public const string Issuer = "https://login.example";
    public const string Audience = "shop";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TokenForge(string generation = "1")
    {
        RsaKeyId = $"rsa-{generation}";
        EcKeyId = $"ec-{generation}";
    }

    public string RsaKeyId { get; }

    public string EcKeyId { get; }

    public string PublicPem => _rsa.ExportSubjectPublicKeyInfoPem();

    public string Modulus => Base64Url.EncodeToString(_rsa.ExportParameters(false).Modulus);

    public string Jwks => $$"""{"keys":[{{RsaJwk(RsaKeyId)}},{{EcJwk}}]}""";

    public string EcJwk
    {
        get
        {
            var point = _ec.ExportParameters(false).Q;
            return $$"""{"kty":"EC","crv":"P-256","kid":"{{EcKeyId}}","use":"sig","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        }
    }

    public string RsaJwk(string keyId) => $$"""{"kty":"RSA","kid":"{{keyId}}","use":"sig","alg":"RS256","n":"{{Modulus}}","e":"AQAB"}""";

    public static JsonObject Claims(Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["sub"] = "alice",
            ["exp"] = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds(),
        };
        change?.Invoke(claims);
        return claims;
    }

    public JsonObject Header(Action<JsonObject>? change = null)
    {
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = RsaKeyId };
        change?.Invoke(header);
        return header;
    }

    public string Rs256(Action<JsonObject>? claims = null, Action<JsonObject>? header = null) =>
        Sign(Header(header).ToJsonString(), Claims(claims).ToJsonString());

    public string Es256(
        Action<JsonObject>? claims = null,
        DSASignatureFormat format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation,
        string algorithm = "ES256")
    {
        var header = Header(header => (header["alg"], header["kid"]) = (algorithm, EcKeyId));
        var input = Join(header.ToJsonString(), Claims(claims).ToJsonString());
        return $"{input}.{Base64Url.EncodeToString(_ec.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, format))}";
    }

    public string Sign(string header, string payload) => Sign(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(payload));

    public string Sign(string header, byte[] payload) => Sign(Encoding.UTF8.GetBytes(header), payload);

    public string Sign(byte[] header, byte[] payload)
    {
        var input = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        return $"{input}.{Base64Url.EncodeToString(_rsa.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public static string SignHmac(string header, string payload, byte[] key)
    {
        var input = Join(header, payload);
        return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(input)))}";
    }

    public static string Join(string header, string payload) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";

    public void Dispose()
    {
        _rsa.Dispose();
        _ec.Dispose();
    }
}
