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
        yield return Case("two tokens in one field", $"{good}, Bearer {good}", "token-malformed");
        yield return Case("nothing behind the scheme", "", "token-malformed");
    }

    private static TestCaseData Case(string name, string token, string reason) => new TestCaseData($"Bearer {token}", reason).SetName($"HostileToken({name})");
}
