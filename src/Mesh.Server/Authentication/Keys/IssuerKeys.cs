using System.Text;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authentication.Keys;

/// <summary>
/// The keys of one issuer, kept current: fetched when first needed, again from time to time, and at once when a token
/// names a key that is not known, but for that no more often than every <see cref="UnknownKeyCooldown"/>, so that tokens
/// made up by a stranger are no way to have the issuer flooded. While the issuer cannot be reached the last keys stay.
/// </summary>
internal sealed partial class IssuerKeys
{
    public static readonly TimeSpan UnknownKeyCooldown = TimeSpan.FromSeconds(30);

    // Withdrawn keys must not work for long; issuers announce new ones hours ahead.
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    // Without keys nobody with a token is served: try again soon.
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    private readonly KeyLocation _location;
    private readonly JwksFetcher _fetcher;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile KeySet? _current;
    private Task? _fetch;
    private long _nextForUnknownKey;
    private long _nextForAge;
    private volatile bool _isFailing;

    public IssuerKeys(KeyLocation location, JwksFetcher fetcher, TimeProvider time, ILogger logger)
    {
        _location = location;
        _fetcher = fetcher;
        _time = time;
        _logger = logger;
        if (location.Jwks is not null && KeySet.TryParse(Encoding.UTF8.GetBytes(location.Jwks), out var inline, out _))
        {
            _current = inline;
        }

        _nextForUnknownKey = _nextForAge = time.GetTimestamp();
    }

    public string Issuer => _location.Issuer;

    /// <summary>How many keys are in force; <see langword="null"/> before the first fetch.</summary>
    public int? Count => _current?.Count;

    /// <summary>Whether the last fetch failed.</summary>
    public bool IsFailing => _isFailing;

    private bool IsInline => _location.Jwks is not null;

    /// <summary>The keys in force, without waiting; sees to it that they do not grow old. <see langword="null"/> before the first fetch.</summary>
    public KeySet? Peek()
    {
        if (!IsInline && _time.GetTimestamp() >= Volatile.Read(ref _nextForAge))
        {
            JoinFetch(unknownKey: false);
        }

        return _current;
    }

    /// <summary>The keys to validate a token with that names <paramref name="keyId"/>; waits for a fetch when that key is not known.</summary>
    /// <returns><see langword="null"/> when the issuer's keys have never been reached.</returns>
    public async ValueTask<KeySet?> GetAsync(string? keyId, CancellationToken cancellationToken)
    {
        var keys = Peek();
        if (IsInline || (keys is not null && (keyId is null || keys.Knows(keyId))))
        {
            return keys;
        }

        if (JoinFetch(unknownKey: keys is not null) is { } fetch)
        {
            await fetch.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return _current;
    }

    /// <summary>The fetch under way, or a new one when it is time for one.</summary>
    private Task? JoinFetch(bool unknownKey)
    {
        lock (_lock)
        {
            if (_fetch is { IsCompleted: false })
            {
                return _fetch;
            }

            var now = _time.GetTimestamp();
            ref var next = ref unknownKey ? ref _nextForUnknownKey : ref _nextForAge;
            if (now < next)
            {
                return null;
            }

            next = After(now, unknownKey ? UnknownKeyCooldown : RetryDelay);

            // One fetch serves many requests: it must not live under the deadline or the trace of the first.
            using (ExecutionContext.SuppressFlow())
            {
                return _fetch = Task.Run(FetchAsync);
            }
        }
    }

    private async Task FetchAsync()
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, _time);
        try
        {
            var document = await _fetcher.FetchAsync(_location, timeout.Token).ConfigureAwait(false);
            Accept(document);
            Volatile.Write(ref _nextForAge, After(_time.GetTimestamp(), MaxAge));
            _isFailing = false;
        }
#pragma warning disable CA1031 // Whatever goes wrong with a document from outside, the last keys stay in force.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_isFailing)
            {
                _isFailing = true;
                Log.FetchFailed(_logger, _location.Issuer, _current is null ? "no token of it can be accepted" : "the last keys stay in force", exception.Message);
            }
        }
    }

    private void Accept(byte[] document)
    {
        // The same document keeps the same set, and with it the tokens that were validated with it.
        if (_current?.HasSameDocument(document) == true)
        {
            return;
        }

        if (!KeySet.TryParse(document, out var keys, out var error))
        {
            throw new InvalidDataException($"The key set is unusable: {error}.");
        }

        _current = keys;
        Log.KeysChanged(_logger, _location.Issuer, keys.Count);
    }

    private long After(long timestamp, TimeSpan delay) => timestamp + (long)(delay.TotalSeconds * _time.TimestampFrequency);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The issuer {Issuer} now has {Count} keys.")]
        public static partial void KeysChanged(ILogger logger, string issuer, int count);

        [LoggerMessage(2, LogLevel.Warning, "The keys of the issuer {Issuer} cannot be fetched: {Consequence}. {Reason}")]
        public static partial void FetchFailed(ILogger logger, string issuer, string consequence, string reason);
    }
}
