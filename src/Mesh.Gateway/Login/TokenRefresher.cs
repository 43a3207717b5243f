using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Login;

/// <summary>
/// Exchanges refresh tokens (RFC 6749, 6). Many providers take each of them once and end the session when it is shown again, and
/// a page sends many requests together: they share one exchange, and those that come shortly after it with the old cookie too.
/// </summary>
internal sealed partial class TokenRefresher(LoginProviders providers, TimeProvider time, ILogger<TokenRefresher> logger)
{
    // As long as a request may be on its way that was sent before the browser got the new cookie.
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    // Each is a few kilobytes; looking through all of them at each exchange, which costs a call, is nothing.
    private const int MaxKept = 10_000;

    private readonly ConcurrentDictionary<string, Exchange> _exchanges = new(StringComparer.Ordinal);

    public Task<RefreshedTokens> RefreshAsync(LoginPolicy policy, string refreshToken, CancellationToken cancellationToken)
    {
        if (!_exchanges.TryGetValue(refreshToken, out var exchange))
        {
            Forget();
            exchange = _exchanges.GetOrAdd(refreshToken, new Exchange(time.GetTimestamp(), new Lazy<Task<RefreshedTokens>>(() => Begin(policy, refreshToken))));
        }

        return exchange.Tokens.Value.WaitAsync(cancellationToken);
    }

    // It serves many requests: it must not end with the first.
    private Task<RefreshedTokens> Begin(LoginPolicy policy, string refreshToken)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => ExchangeAsync(policy, refreshToken));
        }
    }

    private async Task<RefreshedTokens> ExchangeAsync(LoginPolicy policy, string refreshToken)
    {
        var tokens = RefreshedTokens.Unavailable;
        try
        {
            var provider = providers.For(policy);
            if (await provider.TryGetMetadataAsync(CancellationToken.None).ConfigureAwait(false) is { TokenEndpoint: { Length: > 0 } endpoint })
            {
                tokens = await AskAsync(provider, policy, endpoint, refreshToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            Log.Failed(logger, policy.Authority, exception.GetBaseException().Message);
        }

        if (tokens.IsOutage)
        {
            _exchanges.TryRemove(refreshToken, out _);
        }

        return tokens;
    }

    private async Task<RefreshedTokens> AskAsync(LoginProvider provider, LoginPolicy policy, string endpoint, string refreshToken)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("grant_type", "refresh_token"),
            new("client_id", policy.ClientId),
            new("refresh_token", refreshToken),
        ];
        if (policy.ClientSecret is { } secret)
        {
            form.Add(new("client_secret", secret));
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(form) };
        using var response = await provider.Backchannel.SendAsync(request, CancellationToken.None).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
        {
            Log.Refused(logger, policy.Authority, (int)response.StatusCode);
            return RefreshedTokens.Refused;
        }

        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(CancellationToken.None).ConfigureAwait(false));
        return Read(json.RootElement, refreshToken);
    }

    private RefreshedTokens Read(JsonElement answer, string refreshToken)
    {
        var access = answer.GetProperty("access_token").GetString();
        if (string.IsNullOrEmpty(access))
        {
            return RefreshedTokens.Refused;
        }

        // One that is not given anew stays as it is.
        var refresh = answer.TryGetProperty("refresh_token", out var given) && given.GetString() is { Length: > 0 } text ? text : refreshToken;
        var expires = answer.TryGetProperty("expires_in", out var seconds) && seconds.TryGetInt32(out var count) ? time.GetUtcNow().AddSeconds(count) : DateTimeOffset.MaxValue;
        return new RefreshedTokens(access, refresh, expires, IsOutage: false);
    }

    private void Forget()
    {
        var all = _exchanges.Count >= MaxKept;
        foreach (var (token, exchange) in _exchanges)
        {
            if (all || time.GetElapsedTime(exchange.Begun) > KeptFor)
            {
                _exchanges.TryRemove(token, out _);
            }
        }
    }

    private sealed record Exchange(long Begun, Lazy<Task<RefreshedTokens>> Tokens);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An access token could not be renewed at {Authority}. {Reason}")]
        public static partial void Failed(ILogger logger, string authority, string reason);

        [LoggerMessage(2, LogLevel.Debug, "The provider {Authority} no longer takes a refresh token (status {Status}): the user has to log in again.")]
        public static partial void Refused(ILogger logger, string authority, int status);
    }
}
