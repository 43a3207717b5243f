using System.Globalization;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Faults;
using Mesh.Client.Limits;
using Mesh.Client.Retry;
using Mesh.Client.Timeouts;
using Mesh.Client.Tokens;
using Mesh.Client.Transport;
using Mesh.Outcomes;
using Polly;

namespace Mesh.Client.Calls;

/// <summary>
/// Begins and ends attempts: picks the endpoint, starts its time-out, writes the propagation headers, and afterwards
/// tells everybody who learns from outcomes.
/// </summary>
internal sealed class AttemptRunner(TimeProvider time, Random random, bool rewritesUri)
{
    private const string HostHeader = "Host";
    private const string AuthorizationHeader = "Authorization";
    private const string GrpcPreviousAttempts = "grpc-previous-rpc-attempts";

    // Each draw in vain means that another call got the place; but for balancers of the application that do not ask who is usable.
    private const int MaxDraws = 32;

    // The longest a timer can run; whoever waits longer waits for ever.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    // Path and query of the caller's URI are in the form it wants already; a gateway's must not change by a byte.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private volatile LimitText? _limit;

    public TimeProvider Time => time;

    /// <summary>Begins an attempt.</summary>
    /// <returns>Whether it may be made, and there is an endpoint for it; where not, <see cref="Attempt.Refusal"/> says why.</returns>
    public bool TryBegin(in CallScope call, HttpRequestMessage request, ReadOnlySpan<Endpoint> tried, int number, out Attempt attempt)
    {
        // The first attempt of most calls begins with the call: who looks at the clock twice pays twice.
        var now = number == 1 && call is { Tokens: null, HasWaited: false } ? call.Started : time.GetTimestamp();
        var limit = LimitOf(call, now);
        var isTrial = false;
        if (call.Service.Gate is { } gate && !gate.TryEnter(now, out isTrial, out var refusal))
        {
            attempt = new Attempt { Refusal = refusal };
            return false;
        }

        // Started before the pick: nothing may go wrong between claiming a probe and the attempt that ends it.
        var timeout = AttemptTimeout.Start(limit, time, call.Caller);
        var endpointLimit = call.Policy.Limits.Endpoint;
        var pick = Pick(call, tried, now, endpointLimit);
        if (pick.Endpoint is not { } endpoint)
        {
            timeout.Return();
            call.Service.Gate?.Record(CallOutcome.CancelledByCaller, isTrial, now);
            attempt = new Attempt { Refusal = IsAtLimit(call) ? RejectionReason.LimitReached : RejectionReason.NoEndpoints };
            return false;
        }

        // A look-up costs as much among no headers as among many.
        var isBare = request.Headers.NonValidated.Count == 0;
        var host = rewritesUri && !isBare ? request.Headers.Host : null;
        var authorization = call.Token is { } token ? Authorize(request, token, endpoint) : null;
        var expects = Prepare(call, request, endpoint, limit, number, isBare);
        if (endpointLimit is null || pick.IsProbe)
        {
            endpoint.Begin();
        }

        attempt = new Attempt(endpoint, timeout, now, pick.IsProbe, host, expects)
        {
            Authorization = authorization,
            IsTrial = isTrial,
            AddedHeaders = isBare ? request.Headers.NonValidated.Count : -1,
            Fault = call.Fault is { } fault ? new InjectedFault(fault, call.Service) : null,
        };
        return true;
    }

    /// <summary>Ends an attempt, with or without an answer.</summary>
    /// <returns>When that was, as a timestamp.</returns>
    public long End(in CallScope call, in Attempt attempt, HttpRequestMessage request, Uri uri, CallOutcome outcome, HttpResponseMessage? response)
    {
        attempt.Timeout.Return();
        Restore(call, request, uri, attempt);
        var now = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(attempt.Started, now);
        if (attempt.Fault is { HidesEndpoint: true })
        {
            // All callers share the endpoint: what is done to some of their requests must not be held against it.
            (outcome, elapsed) = (CallOutcome.CancelledByCaller, TimeSpan.Zero);
        }

        attempt.Endpoint.End(outcome, elapsed, now);
        var origin = outcome is CallOutcome.Failure ? FailureOrigins.Of(response) : FailureOrigin.Local;
        var change = call.Service.Ledger.Record(attempt.Endpoint, new AttemptReport(outcome, origin, elapsed, attempt.IsProbe, now), call.Policy.Ejection);
        if (change != HealthChange.None)
        {
            call.Service.Report(attempt.Endpoint, change);
        }

        if (call.Service.Gate?.Record(outcome, attempt.IsTrial, now) is { } state)
        {
            call.Service.Report(state);
        }

        return now;
    }

    /// <summary>Classifies what an attempt threw.</summary>
    public static Outcome<HttpResponseMessage> Failed(in Attempt attempt, Exception exception, CancellationToken caller, out CallOutcome outcome)
    {
        if (exception is OperationCanceledException && !attempt.Timeout.IsCancellationRequested)
        {
            // SocketsHttpHandler reports some broken HTTP/2 streams as cancellations. Nobody has cancelled: not the
            // caller, and not the time-out, which this would be taken for.
            exception = new HttpRequestException(
                HttpRequestError.ResponseEnded,
                $"The connection to {attempt.Endpoint.Address} broke off while the request was under way.",
                exception);
        }

        exception = TlsFailure.Surface(exception);
        outcome = OutcomeClassifier.Classify(exception, caller);
        return Outcome.FromException<HttpResponseMessage>(exception);
    }

    /// <summary>What a call fails with that could not begin an attempt.</summary>
    public MeshRejectedException Refuse(in CallScope call, in Attempt attempt)
    {
        call.Service.ReportRefusal(attempt.Refusal);
        return attempt.Refusal switch
        {
            RejectionReason.CircuitOpen => MeshRejectedException.CircuitOpen(call.Service.Name, call.Service.OpenFor(time.GetTimestamp())),
            RejectionReason.Throttled => MeshRejectedException.Throttled(call.Service.Name),
            RejectionReason.LimitReached => MeshRejectedException.EndpointsBusy(call.Service.Name, call.Policy.Limits.Endpoint!),
            _ when call.Endpoints.All.Length > 0 => MeshRejectedException.NoneInRotation(call.Service.Name, call.Endpoints.All.Length),
            _ => MeshRejectedException.NoEndpoints(call.Service.Name, call.Subset),
        };
    }

    // Under a limit, what is picked is begun with it in one step: two picks may have seen the same room.
    private Pick Pick(in CallScope call, ReadOnlySpan<Endpoint> tried, long now, EndpointLimit? limit)
    {
        if (tried.IsEmpty && call.Affinity is { Preferred: { } address } && FindPreferred(call.Endpoints, address, limit) is { } preferred)
        {
            return new Pick(preferred, IsProbe: false);
        }

        var probeFrom = call.CanRepeat ? now : now - PatienceOf(call.Policy.Ejection);
        for (var draw = 0; draw < MaxDraws; draw++)
        {
            var pick = call.Endpoints.Pick(random, tried, now, probeFrom, call.Policy.Hash?.Of(call.Request), limit);
            if (limit is null || pick.IsProbe || pick.Endpoint is not { } endpoint || endpoint.TryBegin(limit.Of(endpoint)))
            {
                return pick;
            }
        }

        return default;
    }

    private static Endpoint? FindPreferred(EndpointSet endpoints, string address, EndpointLimit? limit)
    {
        foreach (var endpoint in endpoints.All)
        {
            if (endpoint.Address == address)
            {
                return endpoint.IsUsable && (limit is null || endpoint.TryBegin(limit.Of(endpoint))) ? endpoint : null;
            }
        }

        return null;
    }

    private static bool IsAtLimit(in CallScope call)
    {
        if (call.Policy.Limits.Endpoint is { } limit)
        {
            foreach (var endpoint in call.Endpoints.All)
            {
                if (endpoint.IsUsable && !limit.Admits(endpoint))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private long PatienceOf(EjectionPolicy policy) => (long)(policy.ProbePatience.TotalSeconds * time.TimestampFrequency);

    private TimeSpan LimitOf(in CallScope call, long now)
    {
        var limit = call.AttemptTimeout;
        var remaining = call.Deadline.Remaining(now, time);
        if (remaining != Timeout.InfiniteTimeSpan && (limit == Timeout.InfiniteTimeSpan || remaining < limit))
        {
            limit = remaining;
        }

        return limit > LongestTimer ? Timeout.InfiniteTimeSpan : limit;
    }

    private bool Prepare(in CallScope call, HttpRequestMessage request, Endpoint endpoint, TimeSpan limit, int number, bool isBare)
    {
        if (call.Body is { } body)
        {
            request.Content = body.CreateContent();
        }

        var uri = request.RequestUri!;
        if (rewritesUri)
        {
            if (isBare || !request.Headers.NonValidated.Contains(HostHeader))
            {
                request.Headers.TryAddWithoutValidation(HostHeader, HostOf(uri));
            }

            request.RequestUri = endpoint.Rewrite(uri);
        }
        else if (uri.Scheme != endpoint.Scheme)
        {
            // "https+http": discovery has decided which.
            request.RequestUri = new Uri($"{endpoint.Scheme}://{uri.IdnHost}{uri.PathAndQuery}", AsWritten);
        }

        if (!isBare)
        {
            // An application that relays headers may have brought its own caller's. The default of the second goes without saying.
            request.Headers.Remove(MeshHeaders.Timeout);
            request.Headers.Remove(MeshHeaders.Criticality);
        }

        call.Grpc?.Write(request, time);
        if (limit != Timeout.InfiniteTimeSpan && !(call.Grpc is { End.IsNone: false } grpc && grpc.End <= Deadline.After(limit, time)))
        {
            request.Headers.TryAddWithoutValidation(MeshHeaders.Timeout, Format(limit));
        }

        if (call.Criticality != Criticality.Critical)
        {
            request.Headers.TryAddWithoutValidation(MeshHeaders.Criticality, CriticalityHeader.Format(call.Criticality));
        }

        if (number > 1)
        {
            request.Headers.Remove(MeshHeaders.Attempt);
            request.Headers.TryAddWithoutValidation(MeshHeaders.Attempt, number.ToString(CultureInfo.InvariantCulture));
            if (call.Grpc is not null)
            {
                request.Headers.Remove(GrpcPreviousAttempts);
                request.Headers.TryAddWithoutValidation(GrpcPreviousAttempts, (number - 1).ToString(CultureInfo.InvariantCulture));
            }
        }

        return !call.IsIdempotent && PreventResending(request);
    }

    private static string? Authorize(HttpRequestMessage request, HeldToken token, Endpoint endpoint)
    {
        var own = request.Headers.NonValidated.TryGetValues(AuthorizationHeader, out var values) ? values.ToString() : null;
        request.Headers.Remove(AuthorizationHeader);
        if (endpoint.KeepsSecrets || token.AllowsPlaintext)
        {
            request.Headers.TryAddWithoutValidation(AuthorizationHeader, token.Header);
        }

        // Otherwise discovery has named an endpoint without TLS since the call began, which gets no token at all.
        return own;
    }

    // SocketsHttpHandler sends a request again by itself when a connection closes before the answer and it has not begun
    // to send content, even a POST that the server has already carried out. Content, be it empty, keeps it from that
    // unless it waits for "100 Continue".
    private static bool PreventResending(HttpRequestMessage request)
    {
        request.Content ??= new EmptyBody();
        if (!request.Headers.NonValidated.Contains("Expect") || request.Headers.ExpectContinue != true)
        {
            return false;
        }

        request.Headers.ExpectContinue = false;
        return true;
    }

    private void Restore(in CallScope call, HttpRequestMessage request, Uri uri, in Attempt attempt)
    {
        if (request.Headers.NonValidated.Count == attempt.AddedHeaders)
        {
            request.Headers.Clear();
        }
        else
        {
            RestoreHeaders(call, request, attempt);
        }

        request.RequestUri = uri;
        request.Content = request.Content switch
        {
            EmptyBody => null,
            RecordingContent recording => recording.Original,
            var content => content,
        };
    }

    private void RestoreHeaders(in CallScope call, HttpRequestMessage request, in Attempt attempt)
    {
        if (call.Token is not null)
        {
            request.Headers.Remove(AuthorizationHeader);
            if (attempt.Authorization is { } own)
            {
                request.Headers.TryAddWithoutValidation(AuthorizationHeader, own);
            }
        }

        request.Headers.Remove(MeshHeaders.Timeout);
        call.Grpc?.Restore(request);
        if (rewritesUri && attempt.Host is null)
        {
            request.Headers.Remove(HostHeader);
        }

        if (attempt.ExpectsContinue)
        {
            request.Headers.ExpectContinue = true;
        }
    }

    // Uri keeps the host and makes the authority anew each time.
    private static string HostOf(Uri uri) => uri.IsDefaultPort ? uri.Host : uri.Authority;

    // Outside a request with a deadline, every attempt has the same limit: its text is kept.
    private string Format(TimeSpan limit)
    {
        var known = _limit;
        if (known is null || known.Limit != limit)
        {
            _limit = known = new LimitText(limit, DeadlineHeader.Format(limit));
        }

        return known.Text;
    }

    private sealed record LimitText(TimeSpan Limit, string Text);

    private sealed class EmptyBody() : ByteArrayContent([]);
}
