using System.Diagnostics;
using Mesh.Client.Calls;
using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.State;
using Mesh.Client.Telemetry;
using Mesh.Outcomes;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tokens;

/// <summary>The tokens that calls to one service carry. Kept through reloads that change nothing about them.</summary>
internal sealed partial class ServiceTokens
{
    /// <summary>For how long a token is used whose end nobody knows. A service that refuses it sooner gets another.</summary>
    public static readonly TimeSpan AssumedLifetime = TimeSpan.FromMinutes(5);

    private const string AuthorizationHeader = "Authorization";

    // Early enough for a slow endpoint and some failures, late enough to use most of the life; apart, so that a hundred
    // processes started together do not ask together.
    private const double RefreshFrom = 0.7;
    private const double RefreshSpread = 0.15;

    // A token must still hold when the service looks at it, whose clock may be ahead.
    private const double MarginShare = 0.1;
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(24);

    private readonly ServiceTarget _service;
    private readonly MeshClientTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly FetchBackoff _backoff;
    private readonly TokenSlot? _own;
    private readonly CallerSlots? _callers;
    private volatile TokenFailure? _lastFailure;

    public ServiceTokens(AccessTokenPolicy policy, ServiceTarget service, MeshClientTelemetry telemetry, TimeProvider time, Random random, ILogger logger)
    {
        (Policy, _service, _telemetry, _time, _random, _logger) = (policy, service, telemetry, time, random, logger);
        _backoff = new FetchBackoff(time, random);
        _own = policy.Source is not null && (!policy.UsesCaller || policy.WithoutCaller == CallerAbsence.ClientCredentials)
            ? new TokenSlot(this, _backoff)
            : null;
        _callers = policy.UsesCaller && !policy.PassesThrough ? new CallerSlots(() => new TokenSlot(this, new FetchBackoff(time, random))) : null;
    }

    public AccessTokenPolicy Policy { get; }

    /// <summary>Whether another token can be had for one that was refused.</summary>
    public bool CanRenew => Policy.Source is not null;

    /// <summary>What there is to know about them.</summary>
    public AccessTokenStateView View()
    {
        var now = _time.GetTimestamp();
        TimeSpan? left = _own?.Token is { } token && now < token.ExpiresAt ? _time.GetElapsedTime(now, token.ExpiresAt) : null;
        return new AccessTokenStateView(Policy.SourceName, left, _callers?.Count, _lastFailure?.Message);
    }

    /// <summary>The token for a call, when there is one that holds and may go where the call goes.</summary>
    private HeldToken? Find(HttpRequestMessage request, EndpointSet endpoints, MeshContext? context, long now)
    {
        if (!MayTravel(endpoints) || IsLeftAlone(request))
        {
            return null;
        }

        var caller = Policy.UsesCaller ? context?.CallerToken : null;
        return caller is not null && Policy.PassesThrough
            ? new HeldToken(HeldToken.Format(caller.Value), Policy.AllowPlaintext)
            : SlotFor(caller)?.Find(caller, now);
    }

    /// <summary>Gives a call its token, at once where it is there.</summary>
    public async Task AuthorizeAsync(CallState state, Activity? activity)
    {
        var call = state.Call;
        var context = MeshContext.Current;
        var token = Find(call.Request, call.Endpoints, context, call.Started) ?? await GetAsync(call, context, activity, call.Started).ConfigureAwait(false);
        state.Call = call with { Token = token };
    }

    /// <summary>The token for a call that found none: fetches it, or waits for whoever does.</summary>
    /// <returns><see langword="null"/> where the call is to go without.</returns>
    /// <exception cref="MeshRejectedException">There is none to be had.</exception>
    /// <exception cref="TaskCanceledException">It did not come within the deadline.</exception>
    private async Task<HeldToken?> GetAsync(CallScope call, MeshContext? context, Activity? activity, long started)
    {
        try
        {
            return await GetAsync(call, context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            var outcome = exception is OperationCanceledException ? CallOutcome.CancelledByCaller : CallOutcome.NotSent;
            _telemetry.EndCall(activity, _service, outcome, attempts: 0, _time.GetElapsedTime(started));
            if (exception is TimeoutException timeout)
            {
                throw CallTimeout.TokenTooSlow(_service.Name, timeout);
            }

            throw;
        }
    }

    private async Task<HeldToken?> GetAsync(CallScope call, MeshContext? context)
    {
        if (IsLeftAlone(call.Request))
        {
            return null;
        }

        if (!MayTravel(call.Endpoints))
        {
            throw MeshRejectedException.TokenOverPlaintext(_service.Name, Policy.Path);
        }

        var caller = Policy.UsesCaller ? context?.CallerToken : null;
        if (SlotFor(caller) is not { } slot)
        {
            return Policy.WithoutCaller == CallerAbsence.Anonymous ? null : throw MeshRejectedException.NoCaller(_service.Name, Policy.SourceName, Policy.Path);
        }

        var now = _time.GetTimestamp();
        return slot.Fetch(caller, now) is { } flight
            && await flight.WaitAsync(call.Deadline.Remaining(_time), _time, call.Caller).ConfigureAwait(false) is { } token
            ? token
            : throw Refuse(slot);
    }

    /// <summary>Another token in the place of one that the service has refused; <see langword="null"/> where there is none to be had in time.</summary>
    public async Task<HeldToken?> RenewAsync(HeldToken refused, CallerToken? caller, Deadline deadline, CancellationToken cancellationToken)
    {
        if (refused.Slot?.Renew(refused, Policy.UsesCaller ? caller : null, _time.GetTimestamp()) is not { } flight)
        {
            return null;
        }

        var waiting = flight.WaitAsync(deadline.Remaining(_time), _time, cancellationToken);
        await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return waiting.IsCompletedSuccessfully && waiting.Result is { } fresh && fresh.Header != refused.Header ? fresh : null;
    }

    /// <summary>Whether a fetch might begin; asked before a lock is taken.</summary>
    public bool MayFetch(TokenSlot slot, long now) => _backoff.IsOpen(now) && slot.Backoff.IsOpen(now);

    /// <summary>Whether a fetch may begin; it must then.</summary>
    public bool TryEnter(TokenSlot slot, long now) =>
        slot.Backoff.IsOpen(now)
        && _backoff.TryEnter(now, Policy.Timeout)
        && (slot.Backoff == _backoff || slot.Backoff.TryEnter(now, Policy.Timeout));

    public TimeSpan Elapsed(long from, long to) => _time.GetElapsedTime(from, to);

    public void ReportRefused() => Log.Refused(_logger, _service.Name);

    /// <summary>Asks the source.</summary>
    public async Task<(HeldToken? Token, TokenFailure? Failure)> FetchAsync(TokenSlot slot, CallerToken? caller)
    {
        // From before the question: the endpoint counts from its answer at the latest.
        var started = _time.GetTimestamp();
        using var timeout = new CancellationTokenSource(Policy.Timeout, _time);
        TokenFailure failure;
        try
        {
            // A source of the application's may not listen to the token.
            var token = await Policy.Source!.GetAsync(new AccessTokenRequest(_service.Name, Policy, caller), timeout.Token)
                .AsTask().WaitAsync(timeout.Token).ConfigureAwait(false);
            if (LifetimeOf(token) is { } lifetime)
            {
                Succeed(slot, lifetime);
                return (Hold(slot, token, started, lifetime), null);
            }

            failure = new TokenFailure(TokenFailure.InvalidAnswer, $"Source '{Policy.SourceName}' gave a token that has ended already: check the clocks.");
        }
        catch (TokenFetchException exception)
        {
            failure = exception.Failure;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            failure = new TokenFailure(TokenFailure.Unavailable, $"{(Policy.Source as TokenEndpointSource)?.Settings.Name ?? $"Source '{Policy.SourceName}'"} did not answer within {Policy.Timeout}.") { Cause = exception };
        }
#pragma warning disable CA1031 // Whatever a source of the application's throws, the calls that wait must hear of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Its message may hold anything: only whoever catches the exception of the call sees it.
            failure = new TokenFailure(TokenFailure.Source, $"Source '{Policy.SourceName}' failed with {exception.GetType().Name}.")
            {
                Cause = exception,
                IsAboutCaller = caller is not null,
            };
        }

        Fail(slot, started, failure);
        return (null, failure);
    }

    private TokenSlot? SlotFor(CallerToken? caller) => caller is null ? _own : _callers?.Get(caller);

    private bool MayTravel(EndpointSet endpoints) => endpoints.KeepsSecrets || Policy.AllowPlaintext;

    private bool IsLeftAlone(HttpRequestMessage request) => !Policy.Overwrite && request.Headers.NonValidated.Contains(AuthorizationHeader);

    private MeshRejectedException Refuse(TokenSlot slot)
    {
        var now = _time.GetTimestamp();
        var own = slot.Backoff.Remaining(now);
        var shared = _backoff.Remaining(now);
        var failure = (own > TimeSpan.Zero ? slot.Failure : null) ?? _lastFailure ?? slot.Failure ?? new TokenFailure(TokenFailure.Unavailable, "Its source is being asked.");
        return MeshRejectedException.NoToken(_service.Name, failure, own > shared ? own : shared, Policy.Path);
    }

    private TimeSpan? LifetimeOf(AccessToken token)
    {
        if (token.ExpiresAt is not { } end)
        {
            return AssumedLifetime;
        }

        var lifetime = end - _time.GetUtcNow();
        return lifetime <= TimeSpan.Zero ? null : lifetime < LongestLifetime ? lifetime : LongestLifetime;
    }

    private HeldToken Hold(TokenSlot slot, AccessToken token, long started, TimeSpan lifetime)
    {
        var margin = lifetime * MarginShare;
        return new HeldToken(HeldToken.Format(token.Value), Policy.AllowPlaintext)
        {
            RefreshAt = started + Ticks(lifetime * (RefreshFrom + (RefreshSpread * _random.NextDouble()))),
            ExpiresAt = started + Ticks(lifetime - (margin < LongestMargin ? margin : LongestMargin)),
            Slot = slot,
        };
    }

    private void Succeed(TokenSlot slot, TimeSpan lifetime)
    {
        slot.Backoff.Succeed();
        if (_backoff.Succeed() || _lastFailure is not null)
        {
            _lastFailure = null;
            Log.Recovered(_logger, _service.Name);
        }

        _telemetry.TokenFetched(_service, null);
        if (slot == _own)
        {
            _telemetry.TokenExpires(_service, _time.GetUtcNow() + lifetime);
        }
    }

    private void Fail(TokenSlot slot, long started, TokenFailure failure)
    {
        var now = _time.GetTimestamp();
        _telemetry.TokenFetched(_service, failure.Reason);
        if (failure.IsAboutCaller)
        {
            // The endpoint is well.
            _backoff.Succeed();
            slot.Backoff.Fail(started, now, failure.RetryAfter);
            Log.CallerRefused(_logger, _service.Name, failure.Message);
            return;
        }

        _lastFailure = failure;
        if (_backoff.Fail(started, now, failure.RetryAfter))
        {
            Log.Failed(_logger, _service.Name, failure.Message);
        }

        if (slot.Backoff != _backoff)
        {
            slot.Backoff.Succeed();
        }
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * _time.TimestampFrequency);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No new access token for service {Service}; one that still holds stays in use. {Reason}")]
        public static partial void Failed(ILogger logger, string service, string reason);

        [LoggerMessage(2, LogLevel.Information, "Access tokens for service {Service} can be had again.")]
        public static partial void Recovered(ILogger logger, string service);

        [LoggerMessage(3, LogLevel.Debug, "No access token for service {Service} for one caller. {Reason}")]
        public static partial void CallerRefused(ILogger logger, string service, string reason);

        [LoggerMessage(4, LogLevel.Warning, "Service {Service} refused its access token, and another one is fetched.")]
        public static partial void Refused(ILogger logger, string service);
    }
}
