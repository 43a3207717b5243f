using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Mesh.Client.Tokens;

/// <summary>Reads the answer of a token endpoint (RFC 6749, 5.1 and 5.2) and believes nothing of it that it need not say.</summary>
internal static class TokenAnswer
{
    private const int MaxErrorLength = 64;
    private const string RefreshTokenType = "urn:ietf:params:oauth:token-type:refresh_token";

    // No lifetime that would overflow; the caller has a bound of its own.
    private const double MaxSeconds = 1e9;

    private static readonly SearchValues<char> ErrorCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_");

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    // What endpoints say, for metrics: anything else would be as many words as they like.
    private static readonly HashSet<string> KnownErrors = new(StringComparer.Ordinal)
    {
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
        "invalid_target", "access_denied", "server_error", "temporarily_unavailable", "invalid_token", "interaction_required",
    };

    /// <exception cref="TokenFetchException">It is no token that could be used.</exception>
    public static AccessToken Read(byte[] answer, TokenEndpointSettings settings, DateTimeOffset now)
    {
        using var document = Parse(answer) ?? throw Invalid(settings, "something else than the JSON object of RFC 6749, 5.1");
        var json = document.RootElement;
        if (TextOf(json, "access_token") is not { } token)
        {
            throw Invalid(settings, "no 'access_token'");
        }

        if (!AccessToken.IsSendable(token))
        {
            throw Invalid(settings, "an 'access_token' that no header field could carry");
        }

        if (!string.Equals(TextOf(json, "token_type"), "Bearer", StringComparison.OrdinalIgnoreCase))
        {
            // RFC 6749, 7.1: a client must not use a token whose type it does not understand.
            throw Invalid(settings, "another 'token_type' than Bearer");
        }

        if (TextOf(json, "issued_token_type") == RefreshTokenType)
        {
            throw Invalid(settings, "a refresh token, which is for the endpoint alone");
        }

        if (!json.TryGetProperty("expires_in", out var lifetime) || lifetime.ValueKind == JsonValueKind.Null)
        {
            return new AccessToken(token);
        }

        return SecondsOf(lifetime) is { } seconds
            ? new AccessToken(token, now + TimeSpan.FromSeconds(Math.Min(seconds, MaxSeconds)))
            : throw Invalid(settings, "an 'expires_in' that is no number of seconds above 0");
    }

    /// <summary>The same for an answer that is not 200.</summary>
    public static TokenFetchException Refused(HttpStatusCode status, byte[] answer, TokenEndpointSettings settings, bool exchanges, TimeSpan? retryAfter)
    {
        using var document = Parse(answer);
        var error = document is null ? null : ErrorOf(document.RootElement);
        var found = $"{settings.Name} answered {(int)status}";
        return new TokenFetchException(new TokenFailure(
            error is not null && KnownErrors.Contains(error) ? error : TokenFailure.Unavailable,
            error is not null ? $"{found} with the OAuth error '{error}'. {AdviceFor(error, exchanges)}"
                : (int)status is >= 300 and < 400 ? $"{found}, and redirects are not followed. Configure the address it leads to."
                : $"{found} without an OAuth error. Check that it is the address of the token endpoint; its log says why.")
        {
            IsAboutCaller = exchanges && error is "invalid_request" or "invalid_grant" or "invalid_token" or "access_denied" or "interaction_required",
            RetryAfter = retryAfter,
        });
    }

    private static string AdviceFor(string error, bool exchanges) => error switch
    {
        "invalid_client" => "Check ClientId, the secret or key, and ClientAuthentication.",
        "unauthorized_client" or "unsupported_grant_type" => $"Allow this client {(exchanges ? "token exchange" : "client credentials")} at the issuer.",
        "invalid_scope" => "Check Scopes.",
        "invalid_target" => "Check Audience and Resource.",
        "invalid_request" or "invalid_grant" or "invalid_token" when exchanges => "It does not accept the caller's token: check that it is of an issuer it trusts, and SubjectTokenType.",
        _ => "Its log says why.",
    };

    private static JsonDocument? Parse(byte[] answer)
    {
        try
        {
            var document = JsonDocument.Parse(answer, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            // It would quote what it could not read.
            return null;
        }
    }

    private static string? TextOf(JsonElement json, string name)
    {
        try
        {
            return json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // No text: half of a surrogate pair.
            return null;
        }
    }

    // A code is letters, digits and a few signs. What else an endpoint writes there is repeated to nobody: it may be what we sent.
    private static string? ErrorOf(JsonElement json) =>
        TextOf(json, "error") is { Length: <= MaxErrorLength } error && !error.AsSpan().ContainsAnyExcept(ErrorCharacters) ? error : null;

    // Some endpoints write the number as text.
    private static double? SecondsOf(JsonElement lifetime)
    {
        var seconds = lifetime.ValueKind switch
        {
            JsonValueKind.Number when lifetime.TryGetDouble(out var number) => number,
            JsonValueKind.String when double.TryParse(lifetime.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => 0,
        };
        return seconds > 0 ? seconds : null;
    }

    private static TokenFetchException Invalid(TokenEndpointSettings settings, string found) =>
        new(new TokenFailure(TokenFailure.InvalidAnswer, $"{settings.Name} answered with {found}."));
}
