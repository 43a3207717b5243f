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
using Mesh.Client.Tokens;
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
        var backend = mirror.Backend;
        var target = _directory.Find(scheme, backend.Authority)
            ?? await ResolveAsync(scheme, backend.Service, backend.Authority, cancellationToken).ConfigureAwait(false);
        return await CallAsync(target, mirror.Rule, backend, copy, cancellationToken).ConfigureAwait(false);
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

        var sending = Find(uri) is { } service
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

    // A gateway has asked discovery in its own words, and written into the URI what came of that.
    private ServiceTarget? Find(Uri uri) =>
        MeshContext.Current?.Route is { Scheme: { } scheme } choice && IsFor(uri.IdnHost, choice) ? _directory.Find(scheme, choice.Backend.Service) : _directory.Find(uri);

    private static bool IsFor(string service, RouteChoice choice) => string.Equals(choice.Backend.Service, service, StringComparison.OrdinalIgnoreCase);

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

        if (MeshContext.Current?.Route is { } choice && IsFor(service.Name, choice))
        {
            // A gateway has routed the request already.
            return SendChosenAsync(service, choice.Rule, choice.Backend, request, cancellationToken);
        }

        return service.Policy.Routes is { } routes
            ? SendRoutedAsync(service, routes, request, cancellationToken)
            : CallAsync(service, null, null, request, cancellationToken);
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

    private Task<HttpResponseMessage> SendChosenAsync(
        ServiceTarget service,
        RouteRule rule,
        RouteBackend backend,
        HttpRequestMessage request,
        CancellationToken cancellationToken)
    {
        // The service itself as backend means its own endpoints, not its rules again.
        var target = backend.Port is null && string.Equals(backend.Service, service.Name, StringComparison.OrdinalIgnoreCase)
            ? service
            : _directory.Find(service.Scheme, backend.Authority);
        var sent = rule.Mirrors.IsEmpty ? request : _mirrors.Begin(rule, service.Scheme, request);
        return target is null
            ? ResolveChosenAsync(service.Scheme, rule, backend, sent, cancellationToken)
            : CallAsync(target, rule, backend, sent, cancellationToken);
    }

    private async Task<HttpResponseMessage> ResolveChosenAsync(
        string scheme,
        RouteRule rule,
        RouteBackend backend,
        HttpRequestMessage request,
        CancellationToken cancellationToken)
    {
        var target = await ResolveAsync(scheme, backend.Service, backend.Authority, cancellationToken).ConfigureAwait(false);
        return await CallAsync(target, rule, backend, request, cancellationToken).ConfigureAwait(false);
    }

    private Task<HttpResponseMessage> CallAsync(ServiceTarget service, RouteRule? rule, RouteBackend? backend, HttpRequestMessage request, CancellationToken caller)
    {
        var call = CallScope.Begin(service, rule, backend, request, _time, caller);
        return service.Slots is { } slots ? LimitedCall.RunAsync(this, slots, call, rule, _time) : CallAsync(call, rule);
    }

    /// <summary>Makes a call: everything from its deadline to its answer.</summary>
    public Task<HttpResponseMessage> CallAsync(in CallScope call, RouteRule? rule)
    {
        var state = CallState.Rent(call, rule);
        return call.Tokens is { } tokens ? RunAsync(state, tokens) : RunAsync(state);
    }

    private async Task<HttpResponseMessage> RunAsync(CallState state, ServiceTokens tokens)
    {
        try
        {
            Begin(state);
            await tokens.AuthorizeAsync(state, state.Activity).ConfigureAwait(false);
        }
        catch
        {
            state.Return();
            throw;
        }

        return await RunAsync(state).ConfigureAwait(false);
    }

    private static void Begin(CallState state)
    {
        if (state.Call.Deadline.HasPassed(state.Call.Started))
        {
            throw CallTimeout.DeadlinePassed(state.Call.Service.Name);
        }

        if (state.Call.Policy.Retry.Attempts > 0 || state.Call.Policy.Hedging.IsOn)
        {
            // What may not be repeated must not pay for others: copies of requests above all.
            state.Call.Service.Budget.Deposit(state.Call.Started);
        }

        state.Activity = MeshClientTelemetry.StartCall(state.Call.Service.Name, state.Rule);
    }

    // What few calls need is kept out of it: every kind of thing that is waited for makes the state machine of all larger.
    private async Task<HttpResponseMessage> RunAsync(CallState state)
    {
        try
        {
            if (state.Call.Tokens is null)
            {
                Begin(state);
            }

            if (!_attempts.TryBegin(state.Call, state.Call.Request, [], number: 1, out state.Attempt))
            {
                _telemetry.EndCall(state.Activity, state.Call.Service, CallOutcome.NotSent, attempts: 0, _time.GetElapsedTime(state.Call.Started));
                throw _attempts.Refuse(state.Call, state.Attempt);
            }

            CallEnd end;
            try
            {
                // Nothing when a race with hedges has an end of its own.
                end = await SendFirstAsync(state).ConfigureAwait(false) is { } response ? CallEnd.Of(response, state.Call, state.Attempt) : default;
            }
#pragma warning disable CA1031 // Rethrown by Complete unless a retry makes up for it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                end = CallEnd.Of(exception, state.Attempt, state.Call.Caller);
            }

            if (state.Hedged is null)
            {
                end = end with { Ended = _attempts.End(state.Call, state.Attempt, state.Call.Request, state.Call.Uri, end.Outcome, end.Result.Result) };
            }
            else
            {
                end = state.Hedged.End;
                _telemetry.Hedged(state.Activity, state.Call.Service, state.Hedged);
            }

            if (state.Call.Policy.Hedging.IsMeasured && end.Outcome == CallOutcome.Success)
            {
                state.Call.Service.MeasuredDelay.Record(_time.GetElapsedTime(state.Attempt.Started));
            }

            return state.Call.Policy.Retry.MayFollow(end.Outcome, end.Result) || RenewedCall.MayFollow(state.Call, end.Result.Result)
                ? await FollowAsync(state, end).ConfigureAwait(false)
                : Complete(state, end);
        }
        finally
        {
            state.Return();
        }
    }

    private Task<HttpResponseMessage?> SendFirstAsync(CallState state)
    {
        if (!state.Call.MayHedge)
        {
            return SendToAsync(state.Attempt, state.Call, state.Call.Request)!;
        }

        // The field is written when it is first asked for, and two attempts may ask at the same time.
        _ = state.Call.Request.Content?.Headers.ContentLength;
        return HedgeAsync(state, SendToAsync(state.Attempt, state.Call, state.Call.Request));
    }

    // Nothing when hedges have joined the race: then it has an end of its own.
    private async Task<HttpResponseMessage?> HedgeAsync(CallState state, Task<HttpResponseMessage> sending)
    {
        var delay = state.Call.Policy.Hedging.DelayOf(state.Call.Service, state.Call.Started);
        if (delay != Timeout.InfiniteTimeSpan && !sending.IsCompleted)
        {
            await ((Task)sending).WaitAsync(delay, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!sending.IsCompleted)
            {
                state.Hedged = new HedgedCall(this, _attempts, state.Call, state.Attempt, sending, delay);
                await state.Hedged.RunAsync().ConfigureAwait(false);
                return null;
            }
        }

        return await sending.ConfigureAwait(false);
    }

    // A first attempt that was not the end of it: repetitions, and a token in place of one that was refused.
    private async Task<HttpResponseMessage> FollowAsync(CallState state, CallEnd end)
    {
        if (state.Call.Policy.Retry.MayFollow(end.Outcome, end.Result))
        {
            var caller = state.Call.Caller;
            var retrying = new RetryingCall(this, _attempts, state.Call, state.Hedged is { } hedged ? hedged.Tried : [end.Endpoint], end.Outcome, end.Result);
            var result = await state.Call.Policy.RetryPipeline.RunAsync(retrying, caller).ConfigureAwait(false);
            var outcome = result.Exception is OperationCanceledException && caller.IsCancellationRequested
                ? CallOutcome.CancelledByCaller
                : retrying.Outcome;
            end = new CallEnd(result, outcome, retrying.LastEndpoint, retrying.Attempts, _time.GetTimestamp());
            if (outcome is not (CallOutcome.Success or CallOutcome.CancelledByCaller))
            {
                retrying.ReportFailure();
            }
        }

        if (RenewedCall.MayFollow(state.Call, end.Result.Result))
        {
            var renewed = new RenewedCall(this, _attempts, state.Call, state.Call.Tokens!, end.Attempts);
            if (await renewed.RunAsync(end.Result.Result!).ConfigureAwait(false))
            {
                state.Call = renewed.Call;
                end = new CallEnd(renewed.Result, renewed.Outcome, renewed.Endpoint, end.Attempts + 1, _time.GetTimestamp());
            }
        }

        return Complete(state, end);
    }

    private HttpResponseMessage Complete(CallState state, in CallEnd end)
    {
        ref var call = ref state.Call;
        _telemetry.EndCall(state.Activity, call.Service, end.Outcome, end.Attempts, _time.GetElapsedTime(call.Started, end.Ended));
        if (end.Result.Result is not { } response)
        {
            throw CallTimeout.Translate(end.Result.Exception!, call, end.Attempts, _time);
        }

        if (!call.IsRelayed && GuardedContent.IsGuarded(response))
        {
            var recovers = end.Outcome == CallOutcome.Success && call.CanRepeat && call.Body is null && end.Attempts <= call.Policy.Retry.Attempts;
            GuardedContent.Attach(
                response,
                call.Policy.BodyIdleTimeout,
                _time,
                recovers ? new BodyRecovery(this, _attempts, call, end.Endpoint, end.Attempts, response) : null);
        }

        call.Affinity?.Chosen = end.Endpoint.Address;
        return response;
    }
}
