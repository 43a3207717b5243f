using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Mesh.Authorization;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>Writes a signed token (RFC 7519, RFC 7515).</summary>
internal static class TokenWriter
{
    public static string Write(
        SigningKey key,
        string issuer,
        string audience,
        CallerSubject caller,
        TokenClaims? claims,
        ImmutableArray<string> wanted,
        DateTimeOffset now,
        TimeSpan lifetime)
    {
        var input = $"{Header(key)}.{Payload(issuer, audience, caller, claims, wanted, now, lifetime)}";
        return $"{input}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Header(SigningKey key)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("alg", key.Algorithm);
        json.WriteString("typ", "JWT");
        json.WriteString("kid", key.KeyId);
        json.WriteEndObject();
        json.Flush();
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }

    private static string Payload(
        string issuer, string audience, CallerSubject caller, TokenClaims? claims, ImmutableArray<string> wanted, DateTimeOffset now, TimeSpan lifetime)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("iss", issuer);
        json.WriteString("aud", audience);
        WriteText(json, "sub", caller.Subject);
        WriteText(json, "idp", caller.Origin);
        json.WriteNumber("iat", now.ToUnixTimeSeconds());
        json.WriteNumber("exp", (now + lifetime).ToUnixTimeSeconds());
        foreach (var name in wanted)
        {
            WriteClaim(json, name, claims);
        }

        json.WriteEndObject();
        json.Flush();
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteClaim(Utf8JsonWriter json, string name, TokenClaims? claims)
    {
        // A name with dots in it is a name first.
        var texts = claims is null ? [] : claims.Find(name) is { IsEmpty: false } own ? own : claims.Find(name.Split('.'));
        if (texts.IsEmpty)
        {
            return;
        }

        if (name == "scope")
        {
            // RFC 8693, 4.2: one text with spaces.
            json.WriteString(name, string.Join(' ', texts!));
        }
        else if (texts.Length == 1)
        {
            json.WriteString(name, texts[0]);
        }
        else
        {
            json.WriteStartArray(name);
            foreach (var text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }
    }
}
