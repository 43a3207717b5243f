namespace Mesh.Client.Tokens;

/// <summary>
/// One token: that of this process for a service, or that of one caller. Read without a lock; fetched once however many calls
/// wait; fetched early, in the background, while the one there is still holds; kept through an outage of its source until it ends.
/// </summary>
/// <param name="tokens">The service it is for.</param>
/// <param name="backoff">When its source may be asked again: that of all, or for the token of a caller its own.</param>
internal sealed class TokenSlot(ServiceTokens tokens, FetchBackoff backoff)
{
    // A service that refuses a fresh token too refuses for another reason, and every call would cost a fetch.
    private static readonly TimeSpan RenewalCoolDown = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private volatile HeldToken? _token;
    private volatile Task<HeldToken?>? _flight;
    private volatile TokenFailure? _failure;
    private long _renewedAt = long.MinValue / 2;

    /// <summary>The token there is, in force or not.</summary>
    public HeldToken? Token => _token;

    /// <summary>Why the last fetch failed; <see langword="null"/> when it did not.</summary>
    public TokenFailure? Failure => _failure;

    public FetchBackoff Backoff => backoff;

    /// <summary>The token, when there is one that holds.</summary>
    public HeldToken? Find(CallerToken? caller, long now)
    {
        var token = _token;
        if (token is null || now >= token.ExpiresAt)
        {
            return null;
        }

        if (now >= token.RefreshAt && _flight is null && tokens.MayFetch(this, now))
        {
            _ = Fetch(caller, now);
        }

        return token;
    }

    /// <summary>The fetch that is under way, or one that begins now.</summary>
    /// <returns><see langword="null"/> where the source is not to be asked now; the task gives <see langword="null"/> when it failed.</returns>
    public Task<HeldToken?>? Fetch(CallerToken? caller, long now)
    {
        if (_flight is { } known)
        {
            return known;
        }

        lock (_lock)
        {
            if (_flight is { } flight)
            {
                return flight;
            }

            if (_token is { } token && now < token.RefreshAt)
            {
                // It has come since the caller looked.
                return Task.FromResult<HeldToken?>(token);
            }

            return Start(caller, now);
        }
    }

    /// <summary>Another token in the place of one that the service has refused.</summary>
    /// <returns><see langword="null"/> where there is none to be had, or one was fetched for the same reason a moment ago.</returns>
    public Task<HeldToken?>? Renew(HeldToken refused, CallerToken? caller, long now)
    {
        lock (_lock)
        {
            if (_flight is { } flight)
            {
                return flight;
            }

            if (_token is { } token && token != refused && now < token.ExpiresAt)
            {
                return Task.FromResult<HeldToken?>(token);
            }

            if (tokens.Elapsed(_renewedAt, now) < RenewalCoolDown)
            {
                return null;
            }

            var started = Start(caller, now);
            if (started is not null)
            {
                _renewedAt = now;
                tokens.ReportRefused();
            }

            return started;
        }
    }

    private Task<HeldToken?>? Start(CallerToken? caller, long now)
    {
        if (!tokens.TryEnter(this, now))
        {
            return null;
        }

        // The fetch serves every call that waits: it must not end with the deadline of the first, or carry its context.
        using (ExecutionContext.SuppressFlow())
        {
            return _flight = Task.Run(() => RunAsync(caller));
        }
    }

    private async Task<HeldToken?> RunAsync(CallerToken? caller)
    {
        var (token, failure) = await tokens.FetchAsync(this, caller).ConfigureAwait(false);
        lock (_lock)
        {
            _token = token ?? _token;
            _failure = failure;
            _flight = null;
        }

        return token;
    }
}
