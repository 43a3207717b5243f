using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Policy;
using Mesh.Client.Retry;
using Mesh.Client.Tokens;
using Mesh.Faults;
using Mesh.Outcomes;

namespace Mesh.Client.Calls;

/// <summary>
/// Asks for a response once more when its body breaks off before anybody has had a byte of it: a replica may die between
/// its header and its body. Only for calls that may be repeated, and within their attempts, budget and deadline.
/// </summary>
internal sealed class BodyRecovery : IDisposable
{
    private readonly MeshHandler _handler;
    private readonly AttemptRunner _runner;
    private readonly ServiceTarget _service;
    private readonly ServicePolicy _policy;
    private readonly IReadOnlyDictionary<string, string>? _subset;
    private readonly FaultPolicy? _fault;
    private readonly HeldToken? _token;
    private readonly HttpRequestMessage _request;
    private readonly HttpResponseMessage _original;
    private readonly Deadline _deadline;
    private readonly TimeSpan _attemptTimeout;
    private Endpoint _endpoint;
    private int _attempts;
    private HttpResponseMessage? _replacement;

    public BodyRecovery(MeshHandler handler, AttemptRunner runner, in CallScope call, Endpoint endpoint, int attempts, HttpResponseMessage original)
    {
        (_handler, _runner, _service, _policy, _subset, _request) = (handler, runner, call.Service, call.Policy, call.Subset, call.Request);
        (_deadline, _attemptTimeout, _fault, _token) = (call.Deadline, call.AttemptTimeout, call.Fault, call.Token);
        (_endpoint, _attempts, _original) = (endpoint, attempts, original);
    }

    /// <summary>Whether such an exception says that the connection broke, and not that somebody stopped waiting.</summary>
    public static bool IsBroken(Exception exception) => exception is HttpRequestException or IOException;

    /// <summary>The same body from the beginning; <see langword="null"/> when it is not to be had.</summary>
    public async ValueTask<Stream?> TryAgainAsync(CancellationToken cancellationToken)
    {
        var call = new CallScope(
            _service, _policy, _subset, _request, _attemptTimeout, _deadline, IsIdempotent: true, CanRepeat: true, Inspects: false, default, cancellationToken)
        {
            Fault = _fault,
            Token = _token,
        };
        if (_attempts > _policy.Retry.Attempts || _deadline.HasPassed(_runner.Time) || !_service.TryWithdrawRetry(_runner.Time.GetTimestamp()))
        {
            return null;
        }

        _replacement?.Dispose();
        _replacement = await SendAsync(call).ConfigureAwait(false);
        if (_replacement is null || !IsSame(_replacement))
        {
            return null;
        }

        return await _replacement.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _replacement?.Dispose();

    private async Task<HttpResponseMessage?> SendAsync(CallScope call)
    {
        HttpRequestMessage request;
        try
        {
            request = RequestCopy.Of(_request);
        }
        catch (ObjectDisposedException)
        {
            // The caller is done with its request.
            return null;
        }

        var uri = request.RequestUri!;
        if (!_runner.TryBegin(call, request, [_endpoint], ++_attempts, out var attempt))
        {
            return null;
        }

        _endpoint = attempt.Endpoint;
        HttpResponseMessage? response = null;
        CallOutcome outcome;
        try
        {
            response = await _handler.SendToAsync(attempt, call, request).ConfigureAwait(false);
            outcome = OutcomeClassifier.Classify(response);
        }
#pragma warning disable CA1031 // What broke the body is what the caller hears of.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            AttemptRunner.Failed(attempt, exception, call.Caller, out outcome);
        }

        _runner.End(call, attempt, request, uri, outcome, response);
        return response;
    }

    // The caller may have seen the header of the first response: this must be the body it speaks of.
    private bool IsSame(HttpResponseMessage other) =>
        other.StatusCode == _original.StatusCode
        && Equals(other.Content.Headers.ContentType, _original.Content.Headers.ContentType)
        && other.Content.Headers.ContentLength == _original.Content.Headers.ContentLength
        && Equals(other.Headers.ETag, _original.Headers.ETag);
}
