using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Faults;
using Mesh.Client.Hedging;
using Mesh.Client.Limits;
using Mesh.Client.Mirroring;
using Mesh.Client.Policy;
using Mesh.Client.Retry;
using Mesh.Client.Routing;
using Mesh.Client.Telemetry;
using Mesh.Client.Timeouts;
using Mesh.Outcomes;
using Mesh.Routing;

namespace Mesh.Client.Calls;

/// <summary>
/// The way of a call through the mesh. It is one handler on purpose: a handler per policy would cost a state machine,
/// a context and a token source for each.
/// </summary>
/// <remarks>
/// The order, outer to inner, and why each stands above the next:
/// <list type="number">
/// <item>Service look-up by host name: everything else belongs to a service; an unknown host leaves the mesh here, untouched.</item>
/// <item>Route rules: they may answer themselves or name another backend, whose policy then holds for all that follows.</item>
/// <item>Copies for mirrors: of what the rule has made of the request, and before anything that may go wrong with it.</item>
/// <item>Deadline = min(rule or service time-out, the deadline of the request being served): above the retries, because
/// what the caller waits for is the call and not an attempt.</item>
/// <item>Logical span, call metrics, budget deposit: once per call, so that a share of calls can be bounded.</item>
/// <item>Retry and hedge: above the pick, so that each attempt may go to another endpoint. Hedges race with the first
/// attempt; repetitions follow when all of those have failed.</item>
/// <item>Access token: once per call, under its deadline. The attempts carry it, each in place of what the application has put there.</item>
/// <item>Pick: balancing over endpoints in rotation, without those already tried.</item>
/// <item>Attempt: its time-out and propagation headers, below the pick because they are written anew each time; then the
/// outcome, told to endpoint health and counters in one place.</item>
/// <item>Faults, where there are any: inside the attempt, so that time-outs and repetitions meet them as if they were real.</item>
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
    private readonly MirrorSender _mirrors;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly bool _rewritesUri;
    private readonly OutsideCall _outside;
    private FaultInjector? _faults;

    /// <param name="directory">The services of this process.</param>
    /// <param name="mirrors">The copies of requests that are under way.</param>
    /// <param name="telemetry">Spans and metrics.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="applicationTransport">Whether attempts go through the application's own inner handler, with the URI rewritten.</param>
    /// <param name="lifted">Whether calls that leave the mesh need a bound of ours.</param>
    public MeshHandler(
        ServiceDirectory directory,
        MirrorLedger mirrors,
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
        _outside = new OutsideCall(base.SendAsync, lifted, time);
        _attempts = new AttemptRunner(time, random, applicationTransport);
        _mirrors = new MirrorSender(this, directory, mirrors, telemetry, random);
    }

    /// <summary>Sends one attempt.</summary>
    public Task<HttpResponseMessage> SendToAsync(in Attempt attempt, in CallScope call, HttpRequestMessage request)
    {
        var cancellationToken = attempt.Timeout.Token;
        var sending = attempt.Fault is { } fault
            ? Faults.SendAsync(this, fault, attempt, request)
            : TransmitAsync(attempt.Endpoint, request, cancellationToken);
        return call.Inspects ? ResponseInspection.RunAsync(sending, call.Policy.Retry, _time, cancellationToken) : sending;
    }

    /// <summary>Puts a request on the wire.</summary>
    public Task<HttpResponseMessage> TransmitAsync(Endpoint endpoint, HttpRequestMessage request, CancellationToken cancellationToken) =>
        _rewritesUri ? base.SendAsync(request, cancellationToken) : endpoint.Transport.SendAsync(request, cancellationToken);

    /// <summary>Sends a copy of a request, under its own rule.</summary>
    public async Task<HttpResponseMessage> CallMirrorAsync(RouteMirror mirror, string scheme, HttpRequestMessage copy, CancellationToken cancellationToken)
    {
        var target = await FindAsync(scheme, mirror.Backend, cancellationToken).ConfigureAwait(false);
        return await CallAsync(target, mirror.Rule, mirror.Backend, copy, cancellationToken).ConfigureAwait(false);
    }

    // Made when first needed. Two of them do no harm.
    private FaultInjector Faults => _faults ??= new FaultInjector(_telemetry, _time, _random);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestUri is not { IsAbsoluteUri: true, HostNameType: UriHostNameType.Dns or NamedEndpoint } uri)
        {
            return _outside.SendAsync(request, cancellationToken);
        }

        var sending = _directory.Find(uri) is { } service
            ? SendAsync(service, request, cancellationToken)
            : SendUnresolvedAsync(uri, request, cancellationToken);
        return GrpcRequest.Is(request) ? GrpcAnswer.OfAsync(sending, request, cancellationToken) : sending;
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
        var service = await ResolveAsync(uri.Scheme, uri.IdnHost, uri.IdnHost, cancellationToken).ConfigureAwait(false);
        return await SendAsync(service, request, cancellationToken).ConfigureAwait(false);
    }

    // A call waits for discovery no longer than for its answer. The deadline of the request being served does not count
    // yet: the host may turn out to be outside the mesh.
    private async Task<ServiceTarget> ResolveAsync(string scheme, string name, string authority, CancellationToken cancellationToken)
    {
        try
        {
            return await _directory.ResolveAsync(scheme, authority).WaitAsync(_directory.TimeoutOf(name), _time, cancellationToken).ConfigureAwait(false);
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
                ? _outside.SendAsync(request, cancellationToken)
                : Task.FromException<HttpResponseMessage>(MeshRejectedException.Unknown(service.Name));
        }

        if (MeshContext.Current?.Route is { } choice && string.Equals(choice.Backend.Service, service.Name, StringComparison.OrdinalIgnoreCase))
        {
            // A gateway has routed the request already.
            return SendChosenAsync(service, choice.Rule, choice.Backend, request, cancellationToken);
        }

        return service.Policy.Routes is { } routes
            ? SendRoutedAsync(service, routes, request, cancellationToken)
            : CallAsync(service, null, null, request, cancellationToken).AsTask();
    }

    private async Task<HttpResponseMessage> SendRoutedAsync(ServiceTarget service, RouteTable routes, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var selection = routes.Match(new ClientRouteRequest(request));
        if (selection.Rule is not { } rule)
        {
            throw MeshRejectedException.NoRoute(service.Name);
        }

        if (RuleAnswer.Of(rule, selection.PrefixLength, request, service.Endpoints.Scheme) is { } answer)
        {
            return answer;
        }

        if (rule.PickBackend(_random) is not { } backend)
        {
            throw MeshRejectedException.NoBackend(service.Name, rule.Name);
        }

        var routed = RuleFilters.Apply(rule, backend, selection.PrefixLength, request);
        var response = await SendChosenAsync(service, rule, backend, routed, cancellationToken).ConfigureAwait(false);
        RuleFilters.Apply(rule, backend, response);
        return response;
    }

    private async Task<HttpResponseMessage> SendChosenAsync(
        ServiceTarget service,
        RouteRule rule,
        RouteBackend backend,
        HttpRequestMessage request,
        CancellationToken cancellationToken)
    {
        // The service itself as backend means its own endpoints, not its rules again.
        var target = backend.Port is null && string.Equals(backend.Service, service.Name, StringComparison.OrdinalIgnoreCase)
            ? service
            : await FindAsync(service.Scheme, backend, cancellationToken).ConfigureAwait(false);
        var sent = rule.Mirrors.IsEmpty ? request : _mirrors.Begin(rule, service.Scheme, request);
        return await CallAsync(target, rule, backend, sent, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<ServiceTarget> FindAsync(string scheme, RouteBackend backend, CancellationToken cancellationToken) =>
        _directory.Find(scheme, backend.Authority) is { } target
            ? ValueTask.FromResult(target)
            : new ValueTask<ServiceTarget>(ResolveAsync(scheme, backend.Service, backend.Authority, cancellationToken));

    private ValueTask<HttpResponseMessage> CallAsync(ServiceTarget service, RouteRule? rule, RouteBackend? backend, HttpRequestMessage request, CancellationToken caller)
    {
        var call = CallScope.Begin(service, rule, backend, request, _time, caller);
        return service.Slots is { } slots ? LimitedCall.RunAsync(this, slots, call, rule, _time) : CallAsync(call, rule);
    }

    /// <summary>Makes a call: everything from its deadline to its answer.</summary>
    // The state of a call is by far the largest thing it makes, and is pooled. What few calls need is kept out of it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> CallAsync(CallScope call, RouteRule? rule)
    {
        using var body = call.Body;
        if (call.Deadline.HasPassed(call.Started))
        {
            throw CallTimeout.DeadlinePassed(call.Service.Name);
        }

        if (call.Policy.Retry.Attempts > 0 || call.Policy.Hedging.IsOn)
        {
            // What may not be repeated must not pay for others: copies of requests above all.
            call.Service.Budget.Deposit(call.Started);
        }

        using var activity = MeshClientTelemetry.StartCall(call.Service.Name, rule);
        if (call.Tokens is { } tokens)
        {
            var token = tokens.Find(call.Request, call.Endpoints, MeshContext.Current, call.Started)
                ?? await tokens.GetAsync(call, MeshContext.Current, activity, call.Started).ConfigureAwait(false);
            call = call with { Token = token };
        }

        if (!_attempts.TryBegin(call, call.Request, [], number: 1, out var attempt))
        {
            _telemetry.EndCall(activity, call.Service, CallOutcome.NotSent, attempts: 0, _time.GetElapsedTime(call.Started));
            throw _attempts.Refuse(call, attempt);
        }

        HedgedCall? hedged = null;
        CallEnd end = default;
        try
        {
            if (call.MayHedge)
            {
                // The field is written when it is first asked for, and two attempts may ask at the same time.
                _ = call.Request.Content?.Headers.ContentLength;
            }

            var sending = SendToAsync(attempt, call, call.Request);
            if (call.MayHedge)
            {
                hedged = await HedgeAsync(call, attempt, sending).ConfigureAwait(false);
            }

            if (hedged is null)
            {
                end = CallEnd.Of(await sending.ConfigureAwait(false), call, attempt);
            }
        }
#pragma warning disable CA1031 // Rethrown by Complete unless a retry makes up for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            end = CallEnd.Of(exception, attempt, call.Caller);
        }

        if (hedged is not null)
        {
            end = await hedged.RunAsync().ConfigureAwait(false);
            _telemetry.Hedged(activity, call.Service, hedged);
        }
        else
        {
            end = end with { Ended = _attempts.End(call, attempt, call.Request, call.Uri, end.Outcome, end.Result.Result) };
        }

        if (call.Policy.Hedging.IsMeasured && end.Outcome == CallOutcome.Success)
        {
            call.Service.MeasuredDelay.Record(_time.GetElapsedTime(attempt.Started));
        }

        return call.Policy.Retry.MayFollow(end.Outcome, end.Result) || RenewedCall.MayFollow(call, end.Result.Result)
            ? await FollowAsync(call, end, hedged, activity).ConfigureAwait(false)
            : Complete(call, end, activity);
    }

    // Null when the first attempt is over before hedges are due.
    private async ValueTask<HedgedCall?> HedgeAsync(CallScope call, Attempt first, Task<HttpResponseMessage> sending)
    {
        var delay = call.Policy.Hedging.DelayOf(call.Service, call.Started);
        if (delay == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        if (!sending.IsCompleted)
        {
            await ((Task)sending).WaitAsync(delay, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return sending.IsCompleted ? null : new HedgedCall(this, _attempts, call, first, sending, delay);
    }

    // A first attempt that was not the end of it: repetitions, and a token in place of one that was refused.
    private async ValueTask<HttpResponseMessage> FollowAsync(CallScope call, CallEnd end, HedgedCall? hedged, Activity? activity)
    {
        if (call.Policy.Retry.MayFollow(end.Outcome, end.Result))
        {
            var retrying = new RetryingCall(this, _attempts, call, hedged is null ? [end.Endpoint] : hedged.Tried, end.Outcome, end.Result);
            var result = await call.Policy.RetryPipeline.RunAsync(retrying, call.Caller).ConfigureAwait(false);
            var outcome = result.Exception is OperationCanceledException && call.Caller.IsCancellationRequested
                ? CallOutcome.CancelledByCaller
                : retrying.Outcome;
            end = new CallEnd(result, outcome, retrying.LastEndpoint, retrying.Attempts, _time.GetTimestamp());
            if (outcome is not (CallOutcome.Success or CallOutcome.CancelledByCaller))
            {
                retrying.ReportFailure();
            }
        }

        if (RenewedCall.MayFollow(call, end.Result.Result))
        {
            var renewed = new RenewedCall(this, _attempts, call, call.Tokens!, end.Attempts);
            if (await renewed.RunAsync(end.Result.Result!).ConfigureAwait(false))
            {
                call = renewed.Call;
                end = new CallEnd(renewed.Result, renewed.Outcome, renewed.Endpoint, end.Attempts + 1, _time.GetTimestamp());
            }
        }

        return Complete(call, end, activity);
    }

    private HttpResponseMessage Complete(in CallScope call, in CallEnd end, Activity? activity)
    {
        var policy = call.Policy;
        _telemetry.EndCall(activity, call.Service, end.Outcome, end.Attempts, _time.GetElapsedTime(call.Started, end.Ended));
        if (end.Result.Result is not { } response)
        {
            throw CallTimeout.Translate(end.Result.Exception!, call, end.Attempts, _time);
        }

        if (GuardedContent.IsGuarded(response))
        {
            var recovers = end.Outcome == CallOutcome.Success && call.CanRepeat && call.Body is null && end.Attempts <= policy.Retry.Attempts;
            GuardedContent.Attach(
                response,
                policy.BodyIdleTimeout,
                _time,
                recovers ? new BodyRecovery(this, _attempts, call, end.Endpoint, end.Attempts, response) : null);
        }

        return response;
    }
}
