using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Mesh.Server.Authentication;

/// <summary>
/// What a token says about itself before anything of it is believed, read strictly: one reading of the text, no duplicate
/// members, no algorithm that is not asymmetric, no demand that is not understood (RFC 8725; RFC 7515, 4.1.11).
/// </summary>
/// <remarks>
/// <c>jku</c>, <c>jwk</c>, <c>x5u</c> and <c>x5c</c> are not even read: keys come from the issuer, never from a token.
/// </remarks>
internal readonly struct TokenEnvelope
{
    /// <summary>The longest token in characters; no header field of Kestrel's defaults is longer than 32 KB in all.</summary>
    public const int MaxLength = 16 * 1024;

    private const int MaxKeyIdLength = 256;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    private TokenEnvelope(string algorithm, string? keyId, string issuer)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        Issuer = issuer;
    }

    public string Algorithm { get; }

    public string? KeyId { get; }

    public string Issuer { get; }

    public static bool TryOpen(string token, out TokenEnvelope envelope, [NotNullWhen(false)] out MeshProblem? problem)
    {
        envelope = default;
        if (token.Length > MaxLength)
        {
            problem = TokenProblems.TooLarge;
            return false;
        }

        var first = token.IndexOf('.', StringComparison.Ordinal);
        var second = first < 0 ? -1 : token.IndexOf('.', first + 1);
        if (second < 0
            || token.IndexOf('.', second + 1) >= 0
            || token.AsSpan().ContainsAnyExcept(TokenCharacters)
            || !TryParse(token.AsSpan(0, first), out var header))
        {
            problem = TokenProblems.Malformed;
            return false;
        }

        using (header)
        {
            problem = ReadHeader(header.RootElement, out var algorithm, out var keyId);
            if (problem is not null)
            {
                return false;
            }

            problem = ReadIssuer(token.AsSpan(first + 1, second - first - 1), out var issuer);
            envelope = new(algorithm, keyId, issuer);
            return problem is null;
        }
    }

    private static MeshProblem? ReadHeader(JsonElement header, out string algorithm, out string? keyId)
    {
        algorithm = "";
        keyId = null;
        if (!TryGetText(header, "alg", required: true, out var alg)
            || !TryGetText(header, "typ", required: false, out var type)
            || !TryGetText(header, "kid", required: false, out keyId)
            || keyId?.Length > MaxKeyIdLength)
        {
            return TokenProblems.Malformed;
        }

        if (alg is not ("RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512" or "ES256" or "ES384" or "ES512"))
        {
            return TokenProblems.Algorithm;
        }

        if (header.TryGetProperty("crit", out _))
        {
            return TokenProblems.CriticalHeader;
        }

        if (type is not null && !IsAccessTokenType(type))
        {
            return TokenProblems.WrongType;
        }

        algorithm = alg;
        return null;
    }

    private static MeshProblem? ReadIssuer(ReadOnlySpan<char> payload, out string issuer)
    {
        issuer = "";
        if (!TryParse(payload, out var document))
        {
            return TokenProblems.Malformed;
        }

        using (document)
        {
            var claims = document.RootElement;
            if (!TryGetText(claims, "iss", required: false, out var iss)
                || !TryGetText(claims, "sub", required: false, out _)
                || !IsDate(claims, "exp")
                || !IsDate(claims, "nbf")
                || !IsDate(claims, "iat"))
            {
                return TokenProblems.Malformed;
            }

            issuer = iss ?? "";
            return iss is null ? TokenProblems.Issuer : claims.TryGetProperty("exp", out _) ? null : TokenProblems.NoExpiry;
        }
    }

    private static bool TryParse(ReadOnlySpan<char> segment, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        try
        {
            document = JsonDocument.Parse(Base64Url.DecodeFromChars(segment), Strict);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return false;
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        document.Dispose();
        return false;
    }

    private static bool TryGetText(JsonElement json, string name, bool required, out string? value)
    {
        value = null;
        if (!json.TryGetProperty(name, out var member))
        {
            return !required;
        }

        if (member.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            value = member.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: well-formed JSON, and not text.
            return false;
        }
    }

    // NumericDate of RFC 7519, within the years that DateTime knows.
    private static bool IsDate(JsonElement claims, string name) =>
        !claims.TryGetProperty(name, out var member)
        || (member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_800);

    private static bool IsAccessTokenType(string type) =>
        type.Equals("JWT", StringComparison.OrdinalIgnoreCase)
        || type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase)
        || type.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase);
}
