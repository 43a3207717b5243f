using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Mesh.Server.Authentication;

/// <summary>Reads the members that decide about a token, and nothing that only resembles them.</summary>
internal static class TokenMembers
{
    private const int ThumbprintCharacters = 43;

    // The last day of the year 9999, less one for the clock skew.
    private const double MaxDate = 253_402_214_400;

    private static readonly SearchValues<char> Base64UrlCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>For JSON that comes from outside: unique names, and no deeper than anybody needs.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>Whether the member is text or absent.</summary>
    public static bool TryGetText(JsonElement json, string name, out string? value)
    {
        value = null;
        if (!json.TryGetProperty(name, out var member))
        {
            return true;
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

    /// <summary>Whether the member is a NumericDate (RFC 7519, section 2) within the years that .NET knows, or absent.</summary>
    public static bool TryGetDate(JsonElement claims, string name, out DateTimeOffset? value)
    {
        value = null;
        if (!claims.TryGetProperty(name, out var member))
        {
            return true;
        }

        if (member.ValueKind != JsonValueKind.Number || !member.TryGetDouble(out var seconds) || seconds is not (>= 0 and < MaxDate))
        {
            return false;
        }

        value = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return true;
    }

    /// <summary>Whether it is bound to a certificate or to nothing (RFC 7800, <c>cnf</c>).</summary>
    public static bool TryGetBinding(JsonElement claims, out byte[]? thumbprint)
    {
        thumbprint = null;
        if (!claims.TryGetProperty("cnf", out var confirmation))
        {
            return true;
        }

        if (confirmation.ValueKind != JsonValueKind.Object
            || confirmation.GetPropertyCount() != 1
            || !TryGetText(confirmation, "x5t#S256", out var text)
            || text is not { Length: ThumbprintCharacters }
            || text.AsSpan().ContainsAnyExcept(Base64UrlCharacters))
        {
            return false;
        }

        thumbprint = new byte[SHA256.HashSizeInBytes];
        return Base64Url.TryDecodeFromChars(text, thumbprint, out var length) && length == thumbprint.Length;
    }
}
