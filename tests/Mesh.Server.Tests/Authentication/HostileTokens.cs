using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Server.Tests.Authentication;

/// <summary>Values of <c>Authorization</c> that must never be believed, each with the reason they are refused for.</summary>
internal static class HostileTokens
{
    public static IEnumerable<TestCaseData> All(TokenForge forge)
    {
        using var stranger = new TokenForge();
        var good = forge.Rs256();
        var parts = good.Split('.');
        var header = forge.Header().ToJsonString();
        var claims = TokenForge.Claims().ToJsonString();
        string None(string alg) => $"{TokenForge.Join(forge.Header(h => h["alg"] = alg).ToJsonString(), claims)}.";
        var hs256 = forge.Header(static h => h["alg"] = "HS256").ToJsonString();
        static long Seconds(double minutes) => DateTimeOffset.UtcNow.AddMinutes(minutes).ToUnixTimeSeconds();

        yield return Case("alg none", None("none"), "token-algorithm");
        yield return Case("alg None", None("None"), "token-algorithm");
        yield return Case("alg none with the signature of a good token", $"{None("none")}{parts[2]}", "token-algorithm");
        yield return Case("alg empty", forge.Rs256(header: static h => h["alg"] = ""), "token-algorithm");
        yield return Case("alg missing", forge.Rs256(header: static h => h.Remove("alg")), "token-malformed");
        yield return Case("alg a number", forge.Rs256(header: static h => h["alg"] = 256), "token-malformed");
        yield return Case("alg in lower case", forge.Rs256(header: static h => h["alg"] = "rs256"), "token-algorithm");
        yield return Case("HS256 keyed with the public key", TokenForge.SignHmac(hs256, claims, Encoding.ASCII.GetBytes(forge.PublicPem)), "token-algorithm");
        yield return Case("HS256 keyed with the modulus", TokenForge.SignHmac(hs256, claims, Base64Url.DecodeFromChars(forge.Modulus)), "token-algorithm");
        yield return Case("HS256 keyed with nothing", TokenForge.SignHmac(hs256, claims, []), "token-algorithm");
        yield return Case("alg of another key type", forge.Rs256(header: static h => h["alg"] = "ES256"), "token-unknown-key");
        yield return Case("alg other than the key's own", forge.Rs256(header: static h => h["alg"] = "PS256"), "token-unknown-key");
        yield return Case("other audience", forge.Rs256(static c => c["aud"] = "bank"), "token-audience");
        yield return Case("no audience", forge.Rs256(static c => c.Remove("aud")), "token-audience");
        yield return Case("audience with other case", forge.Rs256(static c => c["aud"] = "Shop"), "token-audience");
        yield return Case("audiences without ours", forge.Rs256(static c => c["aud"] = new JsonArray("a", "b")), "token-audience");
        yield return Case("other issuer", forge.Rs256(static c => c["iss"] = "https://evil.example"), "token-issuer");
        yield return Case("issuer with a slash more", forge.Rs256(static c => c["iss"] = $"{TokenForge.Issuer}/"), "token-issuer");
        yield return Case("no issuer", forge.Rs256(static c => c.Remove("iss")), "token-issuer");
        yield return Case("issuer a list", forge.Rs256(static c => c["iss"] = new JsonArray(TokenForge.Issuer)), "token-malformed");
        yield return Case("expired", forge.Rs256(static c => c["exp"] = Seconds(-2)), "token-expired");
        yield return Case("expired in 1970", forge.Rs256(static c => c["exp"] = 0), "token-expired");
        yield return Case("no exp", forge.Rs256(static c => c.Remove("exp")), "token-no-expiry");
        yield return Case("exp null", forge.Rs256(static c => c["exp"] = null), "token-malformed");
        yield return Case("exp as text", forge.Rs256(static c => c["exp"] = Seconds(5).ToString(System.Globalization.CultureInfo.InvariantCulture)), "token-malformed");
        yield return Case("exp beyond time", forge.Sign(header, claims.Replace("\"exp\":", "\"exp\":9e99,\"x\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("exp negative", forge.Rs256(static c => c["exp"] = -1), "token-malformed");
        yield return Case("exp twice", forge.Sign(header, claims.Replace("\"exp\":", "\"exp\":1,\"exp\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("sub twice", forge.Sign(header, claims.Replace("\"sub\":", "\"sub\":\"admin\",\"sub\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("alg twice", forge.Sign(header.Replace("\"alg\":", "\"alg\":\"none\",\"alg\":", StringComparison.Ordinal), claims), "token-malformed");
        yield return Case("not yet valid", forge.Rs256(static c => c["nbf"] = Seconds(5)), "token-not-yet-valid");
        yield return Case("key of a stranger under our key id", stranger.Rs256(), "token-signature");
        yield return Case("key of a stranger without key id", stranger.Rs256(header: static h => h.Remove("kid")), "token-signature");
        yield return Case("unknown key id", stranger.Rs256(header: static h => h["kid"] = "nobody's"), "token-unknown-key");
        yield return Case("key id that is a path", stranger.Rs256(header: static h => h["kid"] = "../../dev/null"), "token-unknown-key");
        yield return Case("key id of 300 characters", forge.Rs256(header: static h => h["kid"] = new string('k', 300)), "token-malformed");
        yield return Case("jwk in the header", stranger.Rs256(header: h => h["jwk"] = JsonNode.Parse(stranger.RsaJwk("rsa-1"))), "token-signature");
        yield return Case("jku in the header", stranger.Rs256(header: static h => h["jku"] = "https://evil.example/jwks"), "token-signature");
        yield return Case("x5u in the header", stranger.Rs256(header: static h => h["x5u"] = "https://evil.example/x5u"), "token-signature");
        yield return Case("unknown crit", forge.Rs256(header: static h => h["crit"] = new JsonArray("exotic")), "token-critical-header");
        yield return Case("crit empty", forge.Rs256(header: static h => h["crit"] = new JsonArray()), "token-critical-header");
        yield return Case("typ of a logout token", forge.Rs256(header: static h => h["typ"] = "logout+jwt"), "token-type");
        yield return Case("typ of an id token profile", forge.Rs256(header: static h => h["typ"] = "dpop+jwt"), "token-type");
        yield return Case("signature of another token", $"{parts[0]}.{parts[1]}.{forge.Rs256(static c => c["sub"] = "bob").Split('.')[2]}", "token-signature");
        yield return Case("payload changed", $"{parts[0]}.{TokenForge.Join("{}", TokenForge.Claims(static c => c["sub"] = "admin").ToJsonString()).Split('.')[1]}.{parts[2]}", "token-signature");
        yield return Case("signature cut", $"{parts[0]}.{parts[1]}.{parts[2][..^8]}", "token-signature");
        yield return Case("signature empty", $"{parts[0]}.{parts[1]}.", "token-signature");
        yield return Case("ES256 with r and s zero", $"{forge.Es256()[..forge.Es256().LastIndexOf('.')]}.{Base64Url.EncodeToString(new byte[64])}", "token-signature");
        yield return Case("ES256 signature in DER", forge.Es256(format: DSASignatureFormat.Rfc3279DerSequence), "token-signature");
        yield return Case("huge", $"{parts[0]}.{new string('A', 17_000)}.{parts[2]}", "token-too-large");
        yield return Case("garbage", "garbage", "token-malformed");
        yield return Case("dots", "...", "token-malformed");
        yield return Case("two parts", $"{parts[0]}.{parts[1]}", "token-malformed");
        yield return Case("five parts", $"{good}.a.b", "token-malformed");
        yield return Case("padded base64", $"{parts[0]}==.{parts[1]}.{parts[2]}", "token-malformed");
        yield return Case("standard base64", $"{parts[0]}.{parts[1]}.+/{parts[2][2..]}", "token-malformed");
        yield return Case("space inside", $"{parts[0]}. {parts[1]}.{parts[2]}", "token-malformed");
        yield return Case("header an array", forge.Sign("[]", claims), "token-malformed");
        yield return Case("payload a string", forge.Sign(header, "\"x\""), "token-malformed");
        yield return Case("payload not JSON", forge.Sign(header, "{"), "token-malformed");
        yield return Case("payload nested 1000 deep", forge.Sign(header, $"{{\"a\":{new string('[', 1000)}{new string(']', 1000)}}}"), "token-malformed");
        yield return Case("payload with a lone surrogate", forge.Sign(header, claims.Replace("alice", "\\ud800", StringComparison.Ordinal)), "token-malformed");
        yield return Case("alg NONE", None("NONE"), "token-algorithm");
        yield return Case("alg with a NUL", forge.Rs256(header: static h => h["alg"] = "RS256\0"), "token-algorithm");
        yield return Case("alg a list", forge.Rs256(header: static h => h["alg"] = new JsonArray("RS256")), "token-malformed");
        yield return Case("alg null", forge.Rs256(header: static h => h["alg"] = null), "token-malformed");
        yield return Case("HS512 keyed with the key set", TokenForge.SignHmac(forge.Header(static h => h["alg"] = "HS512").ToJsonString(), claims, Encoding.UTF8.GetBytes(forge.Jwks)), "token-algorithm");
        yield return Case("alg of encryption", forge.Rs256(header: static h => (h["alg"], h["enc"]) = ("RSA-OAEP", "A256GCM")), "token-algorithm");
        yield return Case("ES384 with a key of P-256", forge.Es256(algorithm: "ES384"), "token-unknown-key");
        yield return Case("ES512 with a key of P-256", forge.Es256(algorithm: "ES512"), "token-unknown-key");
        yield return Case("ES256 with s zero", ChangeEcdsa(forge, static signature => signature.AsSpan(32).Clear()), "token-signature");
        yield return Case("ES256 with r and s all ones", ChangeEcdsa(forge, static signature => signature.AsSpan().Fill(0xff)), "token-signature");
        yield return Case("ES256 signature cut", ChangeEcdsa(forge, static _ => { }, length: 63), "token-signature");
        yield return Case("ES256 signature with zeros behind it", ChangeEcdsa(forge, static _ => { }, length: 65), "token-signature");
        yield return Case("kid a number", forge.Rs256(header: static h => h["kid"] = 1), "token-malformed");
        yield return Case("kid an object", forge.Rs256(header: static h => h["kid"] = new JsonObject()), "token-malformed");
        yield return Case("kid twice", forge.Sign(header.Replace("\"kid\":", "\"kid\":\"x\",\"kid\":", StringComparison.Ordinal), claims), "token-malformed");
        yield return Case("kid twice, once escaped", forge.Sign(header.Replace("\"kid\":", "\"k\\u0069d\":\"x\",\"kid\":", StringComparison.Ordinal), claims), "token-malformed");
        yield return Case("kid that is SQL", stranger.Rs256(header: static h => h["kid"] = "x' UNION SELECT 'key"), "token-unknown-key");
        yield return Case("kid that is a command", stranger.Rs256(header: static h => h["kid"] = "| sleep 9"), "token-unknown-key");
        yield return Case("kid in other case", stranger.Rs256(header: h => h["kid"] = forge.RsaKeyId.ToUpperInvariant()), "token-unknown-key");
        yield return Case("kid empty", stranger.Rs256(header: static h => h["kid"] = ""), "token-unknown-key");
        yield return Case("kid with a lone surrogate", forge.Sign(header.Replace(forge.RsaKeyId, "\\udc00", StringComparison.Ordinal), claims), "token-malformed");
        yield return Case("kid of the other key", forge.Rs256(header: h => h["kid"] = forge.EcKeyId), "token-unknown-key");
        yield return Case("x5c in the header", stranger.Rs256(header: static h => h["x5c"] = new JsonArray("MIIB")), "token-signature");
        yield return Case("jwk with a private key in the header", stranger.Rs256(header: static h => h["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = "AA" }), "token-signature");
        yield return Case("crit text", forge.Rs256(header: static h => h["crit"] = "exp"), "token-critical-header");
        yield return Case("crit null", forge.Rs256(header: static h => h["crit"] = null), "token-critical-header");
        yield return Case("b64 false under crit", forge.Rs256(header: static h => (h["b64"], h["crit"]) = (false, new JsonArray("b64"))), "token-critical-header");
        yield return Case("typ a number", forge.Rs256(header: static h => h["typ"] = 1), "token-malformed");
        yield return Case("typ of a security event", forge.Rs256(header: static h => h["typ"] = "secevent+jwt"), "token-type");
        yield return Case("typ with a parameter", forge.Rs256(header: static h => h["typ"] = "JWT; x=y"), "token-type");
        yield return Case("typ of encryption", forge.Rs256(header: static h => h["typ"] = "JWE"), "token-type");
        yield return Case("encrypted", $"{TokenForge.Join("{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}", "key")}.aXY.dGV4dA.dGFn", "token-malformed");
        yield return Case("nested", forge.Sign(forge.Header(static h => h["cty"] = "JWT").ToJsonString(), good), "token-malformed");
        yield return Case("exp true", forge.Rs256(static c => c["exp"] = true), "token-malformed");
        yield return Case("exp a list", forge.Rs256(static c => c["exp"] = new JsonArray(Seconds(5))), "token-malformed");
        yield return Case("exp NaN", forge.Sign(header, claims.Replace("\"exp\":", "\"exp\":NaN,\"x\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("exp infinite", forge.Sign(header, claims.Replace("\"exp\":", "\"exp\":1e999,\"x\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("exp of 400 digits", forge.Sign(header, claims.Replace("\"exp\":", $"\"exp\":{new string('9', 400)},\"x\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("exp beyond 64 bits", forge.Sign(header, claims.Replace("\"exp\":", "\"exp\":18446744073709551616,\"x\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("exp a fraction in the past", forge.Rs256(static c => c["exp"] = 0.5), "token-expired");
        yield return Case("nbf as text", forge.Rs256(static c => c["nbf"] = "0"), "token-malformed");
        yield return Case("nbf negative", forge.Rs256(static c => c["nbf"] = -1), "token-malformed");
        yield return Case("nbf beyond time", forge.Sign(header, claims.Replace("\"exp\":", "\"nbf\":1e300,\"exp\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("iat as text", forge.Rs256(static c => c["iat"] = "now"), "token-malformed");
        yield return Case("iat beyond time", forge.Sign(header, claims.Replace("\"exp\":", "\"iat\":-1e300,\"exp\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("issuer an object", forge.Rs256(static c => c["iss"] = new JsonObject { ["iss"] = TokenForge.Issuer }), "token-malformed");
        yield return Case("issuer null", forge.Rs256(static c => c["iss"] = null), "token-malformed");
        yield return Case("issuer twice", forge.Sign(header, claims.Replace("\"iss\":", "\"iss\":\"https://evil.example\",\"iss\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("issuer in upper case", forge.Rs256(static c => c["iss"] = "HTTPS://LOGIN.EXAMPLE"), "token-issuer");
        yield return Case("issuer with a space", forge.Rs256(static c => c["iss"] = $"{TokenForge.Issuer} "), "token-issuer");
        yield return Case("subject a list", forge.Rs256(static c => c["sub"] = new JsonArray("alice")), "token-malformed");
        yield return Case("audience an object", forge.Rs256(static c => c["aud"] = new JsonObject { ["shop"] = true }), "token-malformed");
        yield return Case("audience empty", forge.Rs256(static c => c["aud"] = ""), "token-audience");
        yield return Case("audience a prefix", forge.Rs256(static c => c["aud"] = "shop.evil.example"), "token-audience");
        yield return Case("claim that is not text", forge.Sign(header, claims.Replace("\"sub\":", "\"name\":\"\\ud800\",\"sub\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("claim whose name is not text", forge.Sign(header, claims.Replace("\"sub\":", "\"\\ud800\":1,\"sub\":", StringComparison.Ordinal)), "token-malformed");
        yield return Case("payload not UTF-8", forge.Sign(header, Latin1(claims.Replace("alice", "\u00e4lice", StringComparison.Ordinal))), "token-malformed");
        yield return Case("header not UTF-8", forge.Sign(Latin1(header.Replace(forge.RsaKeyId, "\u00ff", StringComparison.Ordinal)), Latin1(claims)), "token-malformed");
        yield return Case("payload with a byte order mark", forge.Sign(header, $"\ufeff{claims}"), "token-malformed");
        yield return Case("payload with a comment", forge.Sign(header, $"{claims[..^1]}/* x */}}"), "token-malformed");
        yield return Case("payload with a comma too many", forge.Sign(header, $"{claims[..^1]},}}"), "token-malformed");
        yield return Case("payload and more", forge.Sign(header, $"{claims}{claims}"), "token-malformed");
        yield return Case("payload null", forge.Sign(header, "null"), "token-malformed");
        yield return Case("payload empty", $"{parts[0]}..{parts[2]}", "token-malformed");
        yield return Case("header empty", $".{parts[1]}.{parts[2]}", "token-malformed");
        yield return Case("header nested 1000 deep", forge.Sign($"{{\"alg\":\"RS256\",\"x\":{new string('[', 1000)}{new string(']', 1000)}}}", claims), "token-malformed");
        yield return Case("bound to the key of DPoP", forge.Rs256(static c => c["cnf"] = new JsonObject { ["jkt"] = new string('A', 43) }), "token-binding");
        yield return Case("bound to a certificate that was not shown", forge.Rs256(static c => c["cnf"] = new JsonObject { ["x5t#S256"] = new string('A', 43) }), "token-binding");
        yield return Case("bound to a certificate and more", forge.Rs256(static c => c["cnf"] = new JsonObject { ["x5t#S256"] = new string('A', 43), ["kid"] = "k" }), "token-binding");
        yield return Case("bound to nothing", forge.Rs256(static c => c["cnf"] = new JsonObject()), "token-binding");
        yield return Case("bound to text", forge.Rs256(static c => c["cnf"] = "x5t#S256"), "token-binding");
        yield return Case("thumbprint cut", forge.Rs256(static c => c["cnf"] = new JsonObject { ["x5t#S256"] = new string('A', 42) }), "token-binding");
        yield return Case("thumbprint a number", forge.Rs256(static c => c["cnf"] = new JsonObject { ["x5t#S256"] = 1 }), "token-binding");
        yield return Case("signature with padding", $"{good}==", "token-malformed");
        yield return Case("dot at the end", $"{good}.", "token-malformed");
        yield return Case("scheme twice", $"Bearer {good}", "token-malformed");
        yield return Case("two tokens in one field", $"{good}, Bearer {good}", "token-malformed");
        yield return Case("nothing behind the scheme", "", "token-malformed");
    }

    /// <summary>The same text in Latin-1, which is not UTF-8 where it is not ASCII.</summary>
    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static string ChangeEcdsa(TokenForge forge, Action<byte[]> change, int length = 64)
    {
        var token = forge.Es256();
        var end = token.LastIndexOf('.');
        var signature = Base64Url.DecodeFromChars(token.AsSpan(end + 1));
        change(signature);
        Array.Resize(ref signature, length);
        return $"{token[..end]}.{Base64Url.EncodeToString(signature)}";
    }

    private static TestCaseData Case(string name, string token, string reason) => new TestCaseData($"Bearer {token}", reason).SetName($"HostileToken({name})");
}
