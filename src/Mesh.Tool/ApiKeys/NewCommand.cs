using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mesh.ApiKeys;
using Mesh.Configuration;

namespace Mesh.Tool.ApiKeys;

/// <summary><c>mesh key new</c>: a key for a consumer, and what the service stores of it.</summary>
internal static class NewCommand
{
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3660);

    public static Command Create(TimeProvider time)
    {
        var consumer = new Argument<string>("consumer") { Description = "Whom the key is for." };
        var secret = SecretCommand.Option();
        var prefix = new Option<string>("--prefix")
        {
            Description = "What the key begins with.",
            DefaultValueFactory = static _ => ApiKey.DefaultPrefix,
            CustomParser = static result => ApiKey.IsPrefix(result.Tokens[0].Value)
                ? result.Tokens[0].Value
                : Refuse<string>(result, $"'{result.Tokens[0].Value}' is no prefix: up to 32 letters, digits and underscores, beginning with a letter."),
        };
        var lifetime = new Option<TimeSpan?>("--lifetime")
        {
            Description = "How long it is valid: 90s, 24h, 8760h. Default: for ever.",
            CustomParser = static result => GatewayDuration.TryParse(result.Tokens[0].Value, out var span) && span > TimeSpan.Zero && span <= MaxLifetime
                ? span
                : Refuse<TimeSpan?>(result, $"'{result.Tokens[0].Value}' is not a lifetime: 90s, 24h or 8760h, at most ten years."),
        };
        var scopes = new Option<string[]>("--scope") { Description = "What it is good for; may be repeated.", DefaultValueFactory = static _ => [] };
        var command = new Command("new", "Makes an API key, prints it once, and then what to put into the configuration of the service.") { consumer, secret, prefix, lifetime, scopes };
        command.SetAction(parsed =>
        {
            var bytes = SecretCommand.Read(parsed.GetRequiredValue(secret));
            var key = ApiKey.Generate(parsed.GetRequiredValue(prefix));
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(key);
            output.WriteLine();
            output.WriteLine(Entry(
                parsed.GetRequiredValue(consumer),
                ApiKeyHash.Of(key, bytes),
                parsed.GetValue(lifetime) is { } span ? time.GetUtcNow() + span : null,
                parsed.GetRequiredValue(scopes)));
        });
        return command;
    }

    private static string Entry(string consumer, ApiKeyHash hash, DateTimeOffset? expiresAt, string[] scopes)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("Consumers");
            json.WriteStartObject(consumer);
            json.WriteStartArray("Keys");
            json.WriteStartObject();
            json.WriteString("Hash", hash.ToString());
            if (expiresAt is { } end)
            {
                json.WriteString("ExpiresAt", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            }

            if (scopes.Length > 0)
            {
                json.WriteStartArray("Scopes");
                foreach (var scope in scopes)
                {
                    json.WriteStringValue(scope);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static T Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
