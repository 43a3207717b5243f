using System.Security.Claims;
using System.Text.Json;
using Mesh.Authorization;
using Mesh.Server.Problems;

namespace Mesh.Server.Authentication.Introspection;

/// <summary>Reads the answer of an introspection endpoint (RFC 7662, 2.2) as strictly as a token.</summary>
internal static class IntrospectionAnswer
{
    private const string Active = "active";

    /// <summary>What the answer says about the token.</summary>
    /// <exception cref="JsonException">It is no answer: it says nothing about the token.</exception>
    /// <exception cref="InvalidOperationException">It holds what is not text.</exception>
    public static TokenResult Read(byte[] answer, IntrospectionOptions options, DateTimeOffset now)
    {
        using var document = JsonDocument.Parse(answer, TokenMembers.Strict);
        var json = document.RootElement;
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(Active, out var active) || active.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            throw new JsonException("The answer does not say whether the token is active.");
        }

        if (active.ValueKind == JsonValueKind.False)
        {
            return TokenResult.Refuse(IntrospectionProblems.Inactive);
        }

        if (!TokenMembers.TryGetText(json, "iss", out var issuer)
            || !TokenMembers.TryGetText(json, "sub", out var subject)
            || !TokenMembers.TryGetDate(json, "exp", out var expiresAt)
            || !TokenMembers.TryGetDate(json, "nbf", out var notBefore))
        {
            throw new JsonException("The answer has a member of another type than RFC 7662 says.");
        }

        if (Refusal(json, options, issuer, expiresAt, notBefore, now, out var thumbprint) is { } problem)
        {
            return TokenResult.Refuse(problem);
        }

        var until = now + options.CacheDuration;
        return new TokenResult(
            new ValidatedToken(IdentityOf(json, options.Issuer!), TokenClaims.Parse(answer), options.Issuer!, subject, expiresAt < until ? expiresAt.Value : until)
            {
                CertificateThumbprint = thumbprint,
            },
            null);
    }

    private static MeshProblem? Refusal(
        JsonElement json,
        IntrospectionOptions options,
        string? issuer,
        DateTimeOffset? expiresAt,
        DateTimeOffset? notBefore,
        DateTimeOffset now,
        out byte[]? thumbprint)
    {
        if (!TokenMembers.TryGetBinding(json, out thumbprint))
        {
            return TokenProblems.Binding;
        }

        if (issuer is not null && issuer != options.Issuer)
        {
            return TokenProblems.Issuer;
        }

        if (expiresAt <= now)
        {
            return TokenProblems.Expired;
        }

        if (notBefore > now)
        {
            return TokenProblems.NotYetValid;
        }

        return options.Audiences.Count > 0 && !HasAudience(json, options.Audiences) ? TokenProblems.Audience : null;
    }

    private static bool HasAudience(JsonElement json, List<string> audiences) => json.TryGetProperty("aud", out var audience) && audience.ValueKind switch
    {
        JsonValueKind.String => audiences.Contains(audience.GetString()!),
        JsonValueKind.Array => audience.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && audiences.Contains(item.GetString()!)),
        _ => false,
    };

    private static ClaimsIdentity IdentityOf(JsonElement json, string issuer)
    {
        var identity = new ClaimsIdentity(MeshAuthenticationDefaults.TokenAuthenticationType, "sub", "roles");
        foreach (var member in json.EnumerateObject())
        {
            if (member.NameEquals(Active))
            {
                continue;
            }

            if (member.Value.ValueKind != JsonValueKind.Array)
            {
                Add(identity, member.Name, member.Value, issuer);
                continue;
            }

            foreach (var item in member.Value.EnumerateArray())
            {
                Add(identity, member.Name, item, issuer);
            }
        }

        return identity;
    }

    private static void Add(ClaimsIdentity identity, string name, JsonElement value, string issuer)
    {
        if (value.ValueKind != JsonValueKind.Null)
        {
            identity.AddClaim(new Claim(name, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), ClaimValueTypes.String, issuer));
        }
    }
}
