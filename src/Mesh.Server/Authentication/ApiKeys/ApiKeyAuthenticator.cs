using System.Collections.Frozen;
using Mesh.ApiKeys;
using Mesh.Server.Authentication.Places;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>
/// Finds the API key of a request and checks it. A key that is wrong takes as long as one that is right: it is hashed under
/// the secret, and the hash is looked up.
/// </summary>
internal sealed partial class ApiKeyAuthenticator
{
    private const int MinOtherLength = 20;

    private readonly TokenLocation[] _locations;
    private readonly byte[][] _secrets;
    private readonly string _prefix;
    private readonly bool _acceptsOtherFormats;
    private readonly bool _forwardsKey;
    private readonly FrozenDictionary<ApiKeyHash, ValidatedApiKey> _configured;
    private readonly IApiKeyStore? _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="options">Options that are valid and have a secret.</param>
    /// <param name="store">Who else knows keys.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what the store throws.</param>
    public ApiKeyAuthenticator(ApiKeyAuthenticationOptions options, IApiKeyStore? store, TimeProvider time, ILogger logger)
    {
        _locations = options.QueryParameter is null
            ? [TokenLocation.Header(options.Header, "")]
            : [TokenLocation.Header(options.Header, ""), TokenLocation.Parameter(options.QueryParameter)];
        _secrets = [.. options.Secrets.Select(static secret => ApiKeySecret.TryParse(secret)!)];
        _prefix = options.Prefix;
        _acceptsOtherFormats = options.AcceptOtherFormats;
        _forwardsKey = options.ForwardKey;
        _configured = (from consumer in options.Consumers
                       from key in consumer.Value.Keys
                       select KeyValuePair.Create(HashOf(key), new ValidatedApiKey(new ApiKeyRecord(consumer.Key, key.Name)
                       {
                           ExpiresAt = key.ExpiresAt,
                           Scopes = [.. consumer.Value.Scopes.Union(key.Scopes)],
                       }))).ToFrozenDictionary();
        _store = store;
        _time = time;
        _logger = logger;
    }

    /// <summary>How many keys the configuration has.</summary>
    public int Count => _configured.Count;

    public ValueTask<ApiKeyResult> AuthenticateAsync(HttpContext http)
    {
        ReadOnlyMemory<char> key = default;
        foreach (var location in _locations)
        {
            if (!location.TryFind(http.Request, out var found, out var problem))
            {
                continue;
            }

            // Two keys, even if they are the same, are none that could be believed.
            if (problem is not null || !key.IsEmpty)
            {
                return new(ApiKeyResult.Refuse(ApiKeyProblems.Malformed));
            }

            key = found;
            if (!_forwardsKey)
            {
                location.Remove(http.Request);
            }
        }

        if (key.IsEmpty)
        {
            return default;
        }

        return HasForm(key.Span) ? FindAsync(key, http.RequestAborted) : new(ApiKeyResult.Refuse(ApiKeyProblems.Malformed));
    }

    /// <summary>Takes the key out of a request.</summary>
    public void Remove(HttpRequest request)
    {
        foreach (var location in _locations)
        {
            location.Remove(request);
        }
    }

    private static ApiKeyHash HashOf(ApiKeyEntryOptions key) => ApiKeyHash.TryParse(key.Hash, out var hash)
        ? hash
        : throw new ArgumentException("The options are not valid.");

    private bool HasForm(ReadOnlySpan<char> key) =>
        ApiKey.IsWellFormed(key, _prefix)
        || (_acceptsOtherFormats && key.Length is >= MinOtherLength and <= ApiKey.MaxLength && !key.ContainsAnyExceptInRange('!', '~'));

    private ValueTask<ApiKeyResult> FindAsync(ReadOnlyMemory<char> key, CancellationToken cancellationToken)
    {
        ValidatedApiKey? known = null;
        foreach (var secret in _secrets)
        {
            // All of them in any case, as for a key that is not known.
            known = _configured.GetValueOrDefault(ApiKeyHash.Of(key.Span, secret)) ?? known;
        }

        return known is null && _store is not null ? AskAsync(_store, key, cancellationToken) : new(Judge(known));
    }

    private async ValueTask<ApiKeyResult> AskAsync(IApiKeyStore store, ReadOnlyMemory<char> key, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var secret in _secrets)
            {
                if (await store.FindAsync(ApiKeyHash.Of(key.Span, secret), cancellationToken).ConfigureAwait(false) is { } record)
                {
                    return Judge(new ValidatedApiKey(record));
                }
            }

            return Judge(null);
        }
#pragma warning disable CA1031 // Whatever is wrong with a store, a key it has not vouched for is not accepted.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.StoreThrew(_logger, exception);
            return ApiKeyResult.Refuse(ApiKeyProblems.StoreUnavailable);
        }
    }

    private ApiKeyResult Judge(ValidatedApiKey? key)
    {
        if (key is null)
        {
            return ApiKeyResult.Refuse(ApiKeyProblems.Unknown);
        }

        return key.Record.ExpiresAt <= _time.GetUtcNow() ? ApiKeyResult.Refuse(ApiKeyProblems.Expired) : new ApiKeyResult(key, null);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The store of API keys threw; the request is refused.")]
        public static partial void StoreThrew(ILogger logger, Exception exception);
    }
}
