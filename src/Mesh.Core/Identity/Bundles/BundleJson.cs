using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Mesh.Identity;

/// <summary>Reads a bundle in its standard form, a JSON Web Key Set (SPIFFE Trust Domain and Bundle, 4; X.509-SVID, 6.2).</summary>
internal static class BundleJson
{
    private const int MaxKeys = 1024;
    private const string Certificates = "x5c";

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    // RFC 7518, 6: the members that make a key private. A bundle that holds one was made from the wrong file.
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

    public static SpiffeBundle Parse(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, Options);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or CryptographicException)
        {
            // The cause is left out: it may quote the document.
            throw new FormatException("The trust bundle is not a well-formed JSON Web Key Set.");
        }
    }

    private static SpiffeBundle Read(JsonElement root)
    {
        if (!root.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("The trust bundle has no list 'keys'.");
        }

        if (keys.GetArrayLength() > MaxKeys)
        {
            throw new FormatException($"The trust bundle has {keys.GetArrayLength()} keys, and {MaxKeys} are allowed.");
        }

        Dictionary<string, X509Certificate2> authorities = [];
        Dictionary<string, JwtAuthority> jwt = [];
        foreach (var key in keys.EnumerateArray())
        {
            ReadKey(key, authorities, jwt);
        }

        return new SpiffeBundle([.. authorities.Values], [.. jwt.Values], Integer(root, "spiffe_sequence"), RefreshHint(root));
    }

    private static void ReadKey(JsonElement key, Dictionary<string, X509Certificate2> authorities, Dictionary<string, JwtAuthority> jwt)
    {
        if (Array.Exists(PrivateMembers, member => key.TryGetProperty(member, out _)))
        {
            throw new FormatException("The trust bundle holds a private key; it must be replaced, for whoever could read the bundle has it.");
        }

        // Kinds and uses that are not known are not errors: a later standard may bring them (4.2).
        if (Text(key, "kty") is not ("EC" or "RSA" or "OKP" or "AKP"))
        {
            return;
        }

        switch (Text(key, "use"))
        {
            case "x509-svid":
                // Only the first certificate counts; an entry without any is ignored (X.509-SVID, 6.2).
                if (key.TryGetProperty(Certificates, out var chain) && chain.ValueKind == JsonValueKind.Array && chain.GetArrayLength() > 0)
                {
                    var certificate = ReadCertificate(chain[0]);
                    authorities.TryAdd(certificate.Thumbprint, certificate);
                }

                break;
            case "jwt-svid":
                var id = Text(key, "kid");
                if (string.IsNullOrEmpty(id) || !jwt.TryAdd(id, new JwtAuthority(id, key.GetRawText())))
                {
                    throw new FormatException("The trust bundle has a key for JWT-SVIDs without a 'kid' of its own.");
                }

                break;
            default:
                break;
        }
    }

    private static X509Certificate2 ReadCertificate(JsonElement encoded) =>
        encoded.ValueKind == JsonValueKind.String && encoded.TryGetBytesFromBase64(out var der)
            ? X509CertificateLoader.LoadCertificate(der)
            : throw new FormatException($"The trust bundle has a certificate in '{Certificates}' that is not base64.");

    private static TimeSpan? RefreshHint(JsonElement root) => Integer(root, "spiffe_refresh_hint") is { } seconds
        ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue))
        : null;

    private static ulong? Integer(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number)
            ? number
            : throw new FormatException($"'{name}' of the trust bundle is not a whole number from 0 to {ulong.MaxValue}.");
    }

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
