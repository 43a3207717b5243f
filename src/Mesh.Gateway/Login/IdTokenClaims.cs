using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Mesh.Gateway.Login;

/// <summary>The claims inside an ID token that has been validated.</summary>
internal static class IdTokenClaims
{
    /// <summary>The payload of the token: a JSON object.</summary>
    /// <exception cref="FormatException">It is not a token.</exception>
    public static byte[] PayloadOf(string token)
    {
        var start = token.IndexOf('.', StringComparison.Ordinal) + 1;
        var end = token.IndexOf('.', start);
        return end < 0 ? throw new FormatException("An ID token has three parts.") : Base64Url.DecodeFromChars(token.AsSpan()[start..end]);
    }

    /// <summary>The members of the token's payload, and those of <paramref name="more"/> that it does not have.</summary>
    public static string Merge(byte[] payload, JsonElement more)
    {
        using var document = JsonDocument.Parse(payload);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            foreach (var member in more.EnumerateObject())
            {
                if (!document.RootElement.TryGetProperty(member.Name, out _))
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
