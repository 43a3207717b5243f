using System.Net;
using Mesh.Client.Endpoints;
using Mesh.Client.Retry;
using Mesh.Outcomes;
using Polly;

namespace Mesh.Client.Calls;

/// <summary>A call whose first attempt failed, with its hedges where it had any: decides whether another follows, when, and to whom. Driven by <see cref="RetryPipeline"/>.</summary>
internal sealed class RetryingCall
{
    private readonly MeshHandler _handler;
    private readonly AttemptRunner _attempts;
    private readonly CallScope _call;
    private readonly Endpoint[] _tried;
    private Outcome<HttpResponseMessage> _last;
    private CallOutcome _outcome;
    private readonly bool _isRepetition = MeshContext.Current is { Attempt: > 1 };
    private bool _started;
    private bool _owns;

    public RetryingCall(MeshHandler handler, AttemptRunner attempts, in CallScope call, ReadOnlySpan<Endpoint> tried, CallOutcome outcome, Outcome<HttpResponseMessage> result)
    {
        _handler = handler;
        _attempts = attempts;
        _call = call;
        _tried = new Endpoint[Math.Max(call.Policy.Retry.Attempts + 1, tried.Length)];
        tried.CopyTo(_tried);
        Attempts = tried.Length;
        _outcome = outcome;
        _last = result;
    }

    /// <summary>How many attempts were made, the first included.</summary>
    public int Attempts { get; private set; }

    /// <summary>Where the last one went.</summary>
    public Endpoint LastEndpoint => _tried[Math.Min(Attempts, _tried.Length) - 1];

    /// <summary>What became of the last one.</summary>
    public CallOutcome Outcome => _outcome;

    /// <summary>The pause before the next attempt.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>Whether a retry is allowed; takes its price from the budget when it is.</summary>
    public bool TryPlanRetry()
    {
        var policy = _call.Policy.Retry;
        if (_call.Caller.IsCancellationRequested || _call.Service.Gate is { IsBroken: true } || !MayRepeat(policy))
        {
            return false;
        }

        _owns = true;
        if (Attempts > policy.Attempts || PauseBefore(policy) is not { } pause)
        {
            return false;
        }

        Delay = pause;
        var remaining = _call.Deadline.Remaining(_attempts.Time);
        if (remaining != Timeout.InfiniteTimeSpan && Delay >= remaining)
        {
            // Waiting would only turn this answer into a time-out.
            return false;
        }

        return _call.Service.TryWithdrawRetry(_attempts.Time.GetTimestamp());
    }

    /// <summary>
    /// Lets the answer to the request being served say that this failure was repeated as it should: the service right above
    /// the one that fails is the one that repeats, and those further up would only multiply it.
    /// </summary>
    public void ReportFailure()
    {
        if (_owns || IsRetriedBelow)
        {
            MeshContext.Current?.MarkRetried();
        }
    }

    /// <summary>The next attempt; the first time, the one that was made before.</summary>
    public ValueTask<Outcome<HttpResponseMessage>> NextAsync()
    {
        if (_started)
        {
            return SendAsync();
        }

        _started = true;
        return ValueTask.FromResult(_last);
    }

    private async ValueTask<Outcome<HttpResponseMessage>> SendAsync()
    {
        if (_call.Deadline.HasPassed(_attempts.Time))
        {
            // The pause took longer than planned: an attempt without time would only blame an endpoint.
            return _last = Polly.Outcome.FromException<HttpResponseMessage>(CallTimeout.DeadlinePassed(_call.Service.Name));
        }

        var request = RequestCopy.Of(_call.Request);
        var uri = request.RequestUri!;
        if (!_attempts.TryBegin(_call, request, _tried.AsSpan(0, Math.Min(Attempts, _tried.Length)), Attempts + 1, out var attempt))
        {
            return _last = Polly.Outcome.FromException<HttpResponseMessage>(_attempts.Refuse(_call, attempt));
        }

        _tried[Attempts++] = attempt.Endpoint;
        try
        {
            var response = await _handler.SendToAsync(attempt, _call, request).ConfigureAwait(false);
            _outcome = ResponseInspection.Classify(response, _call);
            _last = Polly.Outcome.FromResult(response);
        }
#pragma warning disable CA1031 // Every exception is an outcome here, and rethrown by the caller unless a retry makes up for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _last = AttemptRunner.Failed(attempt, exception, _call.Caller, out _outcome);
        }

        _attempts.End(_call, attempt, request, uri, _outcome, _last.Result);
        return _last;
    }

    private bool IsRetriedBelow => _last.Result?.Headers.NonValidated.Contains(MeshHeaders.Retried) == true;

    private bool MayRepeat(RetryPolicy policy) => _outcome switch
    {
        // Nothing was sent. A refused stream may have consumed a body that streams; a failed connection has not touched it.
        CallOutcome.NotSent => _call.Body?.IsReady ?? RequestCopy.IsReplayable(_call.Request.Content)
            || _last.Exception is HttpRequestException { HttpRequestError: not HttpRequestError.HttpProtocolError },
        CallOutcome.CancelledByCaller => false,

        // Neither what the service above repeats already, nor what the callee has repeated.
        _ => _call.CanRepeatNow
            && !_isRepetition
            && !IsRetriedBelow
            && policy.Wants(new RetryAttempt(_call.Request, _last.Result, _last.Exception, _outcome, Attempts)),
    };

    // Null: the callee asks for no repetition.
    private TimeSpan? PauseBefore(RetryPolicy policy)
    {
        if (_last.Result is { } answer && GrpcResponse.PushbackOf(answer) is { } pushback)
        {
            return pushback == Timeout.InfiniteTimeSpan ? null : pushback;
        }

        if (_outcome == CallOutcome.NotSent && Attempts < _call.Endpoints.All.Length)
        {
            // Another endpoint is left and this one did no work: nothing is gained by waiting.
            return TimeSpan.Zero;
        }

        var backoff = policy.BackoffBefore(Attempts, _call.Policy.RetryPipeline.Random);
        return _last.Result is { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests } response
            && RetryHint.Read(response, _attempts.Time.GetUtcNow()) is { } hint
            && hint > backoff
            ? hint
            : backoff;
    }
}
