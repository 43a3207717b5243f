using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Mesh.Server.Problems;

namespace Mesh.Server.Authentication;

/// <summary>
/// What a token says about itself before anything of it is believed, read strictly: one reading of the text, no duplicate
/// members, no algorithm that is not asymmetric, no demand that is not understood (RFC 8725; RFC 7515, 4.1.11).
/// </summary>
/// <remarks>
/// <c>jku</c>, <c>jwk</c>, <c>x5u</c> and <c>x5c</c> are not even read: keys come from the issuer, never from a token.
/// </remarks>
internal readonly record struct TokenEnvelope
{
    /// <summary>The longest token in characters; no header field of Kestrel's defaults is longer than 32 KB in all.</summary>
    public const int MaxLength = 16 * 1024;

    private const int MaxKeyIdLength = 256;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>One of RS, PS and ES 256, 384 and 512.</summary>
    public string Algorithm { get; private init; }

    public string? KeyId { get; private init; }

    public string Issuer { get; private init; }

    public string? Subject { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>The time in <c>nbf</c>; the beginning of time without one.</summary>
    public DateTimeOffset NotBefore { get; private init; }

    /// <summary>SHA-256 of the certificate it is bound to (RFC 8705, 3.1); <see langword="null"/> when anybody may use it.</summary>
    public byte[]? CertificateThumbprint { get; private init; }

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
            problem = ReadHeader(header.RootElement, ref envelope);
            if (problem is not null)
            {
                return false;
            }
        }

        if (!TryParse(token.AsSpan(first + 1, second - first - 1), out var claims))
        {
            problem = TokenProblems.Malformed;
            return false;
        }

        using (claims)
        {
            problem = ReadClaims(claims.RootElement, ref envelope);
            return problem is null;
        }
    }

    private static MeshProblem? ReadHeader(JsonElement header, ref TokenEnvelope envelope)
    {
        if (!TokenMembers.TryGetText(header, "alg", out var algorithm)
            || !TokenMembers.TryGetText(header, "typ", out var type)
            || !TokenMembers.TryGetText(header, "kid", out var keyId)
            || algorithm is null
            || keyId?.Length > MaxKeyIdLength)
        {
            return TokenProblems.Malformed;
        }

        if (algorithm is not ("RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512" or "ES256" or "ES384" or "ES512"))
        {
            return TokenProblems.Algorithm;
        }

        if (header.TryGetProperty("crit", out _))
        {
            return TokenProblems.CriticalHeader;
        }

        envelope = envelope with { Algorithm = algorithm, KeyId = keyId };
        return type is null || IsAccessTokenType(type) ? null : TokenProblems.WrongType;
    }

    private static MeshProblem? ReadClaims(JsonElement claims, ref TokenEnvelope envelope)
    {
        if (!TokenMembers.TryGetText(claims, "iss", out var issuer)
            || !TokenMembers.TryGetText(claims, "sub", out var subject)
            || !TokenMembers.TryGetDate(claims, "exp", out var expiresAt)
            || !TokenMembers.TryGetDate(claims, "nbf", out var notBefore)
            || !TokenMembers.TryGetDate(claims, "iat", out _))
        {
            return TokenProblems.Malformed;
        }

        if (issuer is null)
        {
            return TokenProblems.Issuer;
        }

        // A token that only its owner may use, in a way that is not understood here, is no token for everybody.
        if (!TokenMembers.TryGetBinding(claims, out var thumbprint))
        {
            return TokenProblems.Binding;
        }

        envelope = envelope with
        {
            CertificateThumbprint = thumbprint,
            Issuer = issuer,
            Subject = subject,
            ExpiresAt = expiresAt ?? default,
            NotBefore = notBefore ?? default,
        };
        return expiresAt is null ? TokenProblems.NoExpiry : null;
    }

    private static bool TryParse(ReadOnlySpan<char> segment, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        try
        {
            document = JsonDocument.Parse(Base64Url.DecodeFromChars(segment), TokenMembers.Strict);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            // The last is for a name that is not text, which is found while duplicates are looked for.
            return false;
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        document.Dispose();
        return false;
    }

    private static bool IsAccessTokenType(string type) =>
        type.Equals("JWT", StringComparison.OrdinalIgnoreCase)
        || type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase)
        || type.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase);
}
