using System.Buffers;
using System.Security.Claims;
using System.Text.Json;
using Mesh.Authorization;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>An API key that is known, in the forms in which others want to know it.</summary>
internal sealed class ValidatedApiKey
{
    /// <summary>What stands before the consumer in <see cref="Principal"/>, where a token's principal has its issuer.</summary>
    public const string Issuer = "api-key";

    private readonly ClaimsIdentity _identity;

    public ValidatedApiKey(ApiKeyRecord record)
    {
        Record = record;
        Principal = $"{Issuer}/{record.Consumer}";
        Claims = TokenClaims.Parse(Write(record));
        _identity = new ClaimsIdentity(
            [
                new Claim(MeshAuthenticationDefaults.ConsumerClaim, record.Consumer, ClaimValueTypes.String, Issuer),
                new Claim(MeshAuthenticationDefaults.KeyClaim, record.Id, ClaimValueTypes.String, Issuer),
                .. record.Scopes.Select(static scope => new Claim(MeshAuthenticationDefaults.ScopeClaim, scope, ClaimValueTypes.String, Issuer)),
            ],
            MeshAuthenticationDefaults.ApiKeyAuthenticationType,
            MeshAuthenticationDefaults.ConsumerClaim,
            roleType: null);
    }

    public ApiKeyRecord Record { get; }

    /// <summary><c>api-key/{consumer}</c>.</summary>
    public string Principal { get; }

    /// <summary>For authorization documents: <c>consumer</c>, <c>key</c> and <c>scope</c>.</summary>
    public TokenClaims Claims { get; }

    /// <summary>A copy for one request: applications add claims to what they find in <c>HttpContext.User</c>.</summary>
    public ClaimsIdentity CreateIdentity() => _identity.Clone();

    private static ReadOnlyMemory<byte> Write(ApiKeyRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("consumer", record.Consumer);
        json.WriteString("key", record.Id);
        json.WriteStartArray("scope");
        foreach (var scope in record.Scopes)
        {
            json.WriteStringValue(scope);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
