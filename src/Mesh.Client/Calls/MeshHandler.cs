using System.Diagnostics;
using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Policy;
using Mesh.Client.Retry;
using Mesh.Client.Routing;
using Mesh.Client.Telemetry;
using Mesh.Client.Timeouts;
using Mesh.Outcomes;
using Mesh.Routing;
using Polly;

namespace Mesh.Client.Calls;

/// <summary>
/// The way of a call through the mesh. It is one handler on purpose: a handler per policy would cost a state machine,
/// a context and a token source for each.
/// </summary>
/// <remarks>
/// The order, outer to inner, and why each stands above the next:
/// <list type="number">
/// <item>Service look-up by host name: everything else belongs to a service; an unknown host leaves the mesh here, untouched.</item>
/// <item>Route rules: they may name another backend, whose policy then holds for all that follows.</item>
/// <item>Deadline = min(rule or service time-out, the deadline of the request being served): above the retries, because
/// what the caller waits for is the call and not an attempt.</item>
/// <item>Logical span, call metrics, budget deposit: once per call, so that a share of calls can be bounded.</item>
/// <item>Retry: above the pick, so that each attempt may go to another endpoint.</item>
/// <item>Pick: balancing over endpoints in rotation, without those already tried.</item>
/// <item>Attempt: its time-out and propagation headers, below the pick because they are written anew each time; then the
/// outcome, told to endpoint health and counters in one place.</item>
/// <item>Transport: the endpoint's own connections, or the application's handler with the URI rewritten.</item>
/// </list>
/// </remarks>
internal sealed class MeshHandler : DelegatingHandler
{
    // What Uri takes "_admin.orders" for: the endpoints that service discovery calls "admin".
    private const UriHostNameType NamedEndpoint = UriHostNameType.Basic;

    private readonly ServiceDirectory _directory;
    private readonly MeshClientTelemetry _telemetry;
    private readonly AttemptRunner _attempts;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly bool _rewritesUri;
    private readonly LiftedTimeout _lifted;

    /// <param name="directory">The services of this process.</param>
    /// <param name="telemetry">Spans and metrics.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="applicationTransport">Whether attempts go through the application's own inner handler, with the URI rewritten.</param>
    /// <param name="lifted">Whether calls that leave the mesh need a bound of ours.</param>
    public MeshHandler(
        ServiceDirectory directory,
        MeshClientTelemetry telemetry,
        TimeProvider time,
        Random random,
        bool applicationTransport,
        LiftedTimeout lifted)
    {
        _directory = directory;
        _telemetry = telemetry;
        _time = time;
        _random = random;
        _rewritesUri = applicationTransport;
        _lifted = lifted;
        _attempts = new AttemptRunner(time, random, applicationTransport);
    }

    /// <summary>Sends one attempt.</summary>
    public Task<HttpResponseMessage> SendToAsync(Endpoint endpoint, in CallScope call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sending = _rewritesUri ? base.SendAsync(request, cancellationToken) : endpoint.Transport.SendAsync(request, cancellationToken);
        return call.Inspects ? ResponseInspection.RunAsync(sending, call.Policy.Retry, _time, cancellationToken) : sending;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestUri is not { IsAbsoluteUri: true, HostNameType: UriHostNameType.Dns or NamedEndpoint } uri)
        {
            return PassThroughAsync(request, cancellationToken);
        }

        return _directory.Find(uri) is { } service
            ? SendAsync(service, request, cancellationToken)
            : SendUnresolvedAsync(uri, request, cancellationToken);
    }

    /// <remarks>
    /// Waits for the asynchronous way. Without this a synchronous call would go past the mesh, and so past its identity
    /// checks.
    /// </remarks>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var outside = request.RequestUri is not { IsAbsoluteUri: true, HostNameType: UriHostNameType.Dns or NamedEndpoint } uri
            || _directory.Find(uri) is { IsKnown: false };
        return outside && _directory.UnknownServices == UnknownServiceBehavior.PassThrough
            ? base.Send(request, cancellationToken)
            : SendAsync(request, cancellationToken).GetAwaiter().GetResult();
    }

    private async Task<HttpResponseMessage> SendUnresolvedAsync(Uri uri, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var service = await ResolveAsync(uri.Scheme, uri.IdnHost, cancellationToken).ConfigureAwait(false);
        return await SendAsync(service, request, cancellationToken).ConfigureAwait(false);
    }

    // A call waits for discovery no longer than for its answer. The deadline of the request being served does not count
    // yet: the host may turn out to be outside the mesh.
    private async Task<ServiceTarget> ResolveAsync(string scheme, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await _directory.ResolveAsync(scheme, name).WaitAsync(_directory.TimeoutOf(name), _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw CallTimeout.DiscoveryTooSlow(name, exception);
        }
    }

    private Task<HttpResponseMessage> SendAsync(ServiceTarget service, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!service.IsKnown)
        {
            // Nobody but discovery can say what "https+http" is.
            return _directory.UnknownServices == UnknownServiceBehavior.PassThrough && !service.Scheme.Contains('+', StringComparison.Ordinal)
                ? PassThroughAsync(request, cancellationToken)
                : Task.FromException<HttpResponseMessage>(MeshRejectedException.Unknown(service.Name));
        }

        return service.Policy.Routes is { } routes
            ? SendRoutedAsync(service, routes, request, cancellationToken)
            : CallAsync(service, null, request, cancellationToken);
    }

    private Task<HttpResponseMessage> PassThroughAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _lifted.IsLifted ? PassThroughInTimeAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> PassThroughInTimeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var timeout = AttemptTimeout.Start(LiftedTimeout.Default, _time, cancellationToken);
        try
        {
            var response = await base.SendAsync(request, timeout.Token).ConfigureAwait(false);
            GuardedContent.Attach(response, LiftedTimeout.Default, _time);
            return response;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw CallTimeout.OutsideTheMesh(LiftedTimeout.Default, exception);
        }
        finally
        {
            timeout.Return();
        }
    }

    private async Task<HttpResponseMessage> SendRoutedAsync(ServiceTarget service, RouteTable routes, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var selection = routes.Match(new ClientRouteRequest(request));
        if (selection.Rule is not { } rule)
        {
            throw MeshRejectedException.NoRoute(service.Name);
        }

        if (rule.PickBackend(_random) is not { } backend)
        {
            throw MeshRejectedException.NoBackend(service.Name, rule.Name);
        }

        // The service itself as backend means its own endpoints, not its rules again.
        var target = string.Equals(backend.Service, service.Name, StringComparison.OrdinalIgnoreCase)
            ? service
            : await ResolveAsync(service.Scheme, backend.Service, cancellationToken).ConfigureAwait(false);
        var routed = RuleFilters.Apply(rule, selection.PrefixLength, request);
        var response = await CallAsync(target, rule, routed, cancellationToken).ConfigureAwait(false);
        RuleFilters.Apply(rule, response);
        return response;
    }

    private async Task<HttpResponseMessage> CallAsync(ServiceTarget service, RouteRule? rule, HttpRequestMessage request, CancellationToken caller)
    {
        var policy = service.Policy;
        var uri = request.RequestUri!;
        var started = _time.GetTimestamp();
        var context = MeshContext.Current;
        var idempotent = RequestIdempotency.IsIdempotent(request) || policy.Retry.Idempotent?.Contains(request) == true;
        var canRepeat = idempotent && RequestCopy.IsReplayable(request.Content);
        var timeout = rule?.RequestTimeout ?? context?.CallTimeout ?? policy.Timeout;
        var call = new CallScope(
            service,
            policy,
            request,
            rule?.BackendTimeout ?? context?.AttemptTimeout ?? policy.AttemptTimeout,
            Deadline.Earliest(Deadline.After(timeout, _time), context?.Deadline ?? Deadline.None),
            idempotent,
            canRepeat,
            canRepeat && ResponseInspection.IsNeeded(request, policy.Retry),
            context?.Criticality ?? default,
            caller);
        if (call.Deadline.HasPassed(_time))
        {
            throw CallTimeout.DeadlinePassed(service.Name);
        }

        service.Budget.Deposit(started);
        using var activity = MeshClientTelemetry.StartCall(service.Name, rule);
        if (!_attempts.TryBegin(call, request, [], number: 1, out var attempt))
        {
            _telemetry.EndCall(activity, service, CallOutcome.NotSent, attempts: 0, _time.GetElapsedTime(started));
            throw MeshRejectedException.NoEndpoints(service.Name);
        }

        Outcome<HttpResponseMessage> result;
        CallOutcome outcome;
        try
        {
            var response = await SendToAsync(attempt.Endpoint, call, request, attempt.Timeout.Token).ConfigureAwait(false);
            outcome = ResponseInspection.Classify(response);
            result = Outcome.FromResult(response);
        }
#pragma warning disable CA1031 // Rethrown below unless a retry makes up for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            result = AttemptRunner.Failed(attempt, exception, caller, out outcome);
        }

        _attempts.End(call, attempt, request, uri, outcome, result.Result);
        var attempts = 1;
        if (policy.Retry.MayFollow(outcome, result))
        {
            var retrying = new RetryingCall(this, _attempts, call, attempt.Endpoint, outcome, result);
            result = await policy.RetryPipeline.RunAsync(retrying, caller).ConfigureAwait(false);
            outcome = result.Exception is OperationCanceledException && caller.IsCancellationRequested
                ? CallOutcome.CancelledByCaller
                : retrying.Outcome;
            attempts = retrying.Attempts;
            if (outcome is not (CallOutcome.Success or CallOutcome.CancelledByCaller))
            {
                retrying.ReportFailure();
            }
        }

        _telemetry.EndCall(activity, service, outcome, attempts, _time.GetElapsedTime(started));
        if (result.Result is { } final)
        {
            GuardedContent.Attach(final, policy.BodyIdleTimeout, _time);
            return final;
        }

        throw CallTimeout.Translate(result.Exception!, call, attempts, _time);
    }
}
